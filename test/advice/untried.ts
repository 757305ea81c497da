/**
 * What is not tried, and why. Advice that names nothing besides commands and options of migplan is not
 * here: those are parsed wherever they stand.
 */
const reasons: Readonly<Record<string, readonly string[]>> = {
  'A command inside of the guest.': [
    'Check the file systems in the source VM (chkdsk, fsck), sync once more, then repeat the cutover',
    'Start the source VM, switch fast startup off (powercfg /h off) and shut Windows down completely',
    'check that every disk of the VM is migrated, and the file systems in the guest (chkdsk, fsck)',
    'in the guest: chkdsk /f on that drive, and a restart where it asks for one; then run migplan plan again',
    'in the guest: powercfg /h off, then shut it down completely and start it; then run migplan plan again',
    'or shut the guest down yourself and run migplan plan again: file systems of a running guest may be unreadable',
    'switch BitLocker off in the guest and wait until the disk is decrypted (manage-bde -off C:), then run migplan plan again',
  ],
  "VDDK and ESXi hosts are not here: their words are reports of users'.": [
    'lower limits.transfers of the Project, or let backups that read from this host end; then run again',
    'elsewhere build nbdkit with its vddk plugin, and name the file as plugin: of the reader',
    'take transports out of the reader, so that VDDK chooses, or set transports: nbdssl',
  ],
  'A look at a machine with a device, a service or a program in trouble; run by hand only.': [
    'A server of a run whose connection broke ends after <…> s: run again then. On <…>: pgrep -af nbdkit',
    'Check <…> and the keyring of client.<…>: rbd info <…>/<…>',
    'Look at it: lsblk -o NAME,SIZE,SERIAL <…>; restart the conversion host when it is stale.',
    'Python 3.6 or newer has to run there for this user: <…> python3 -V',
    'Run libguestfs-test-tool on the conversion host: it tells how long its appliance takes',
    'Run libguestfs-test-tool on the conversion host: its appliance does not start',
    'Run libguestfs-test-tool on the conversion host: what it says first is what is missing',
    'Run: ls -l <…>',
    'Run: ls -ld <…>',
    'Save it as UTF-8; see: file <…>',
    'See what uses it: lsblk <…>; then run again.',
    'See what uses it: lsblk, dmsetup ls; give it free, such as with vgchange -an.',
    'See whether the host runs: <…> uptime',
    'See whether udev runs there: systemctl status systemd-udevd; and that byIdDir of access is right.',
    'Try it by hand: <…> nbdkit file --dump-plugin',
  ],
  'Not a next step: a text that the scan cannot tell from one.': [
    'A machine type (hw_machine_type) that the compute hosts do not support shows up this way, and so does a flavor without room.',
    'tls has caFile and thumbprint: only one of them can decide',
    'tls.caFile <…> cannot be read (<…>)',
  ],
  'The same field as in another advice that is tried; what comes before it is not made here.': [
    'or set spec.reseed: <…> to copy all disks again',
    'or set spec.target.hardware: emulated (slower, needs no drivers)',
  ],
  'There is no package list of Fedora, RHEL or Debian 13 here.': [
    'On Fedora or RHEL: dnf install <…>',
    'On Debian 13 or Ubuntu 25.04 and newer: apt-get install nbdkit-plugin-vddk',
    'On Fedora or RHEL: dnf install nbdkit-vddk-plugin',
    'On Fedora or RHEL: dnf install openssh-clients',
    'On Fedora or RHEL: dnf install qemu-block-rbd or qemu-block-iscsi (RHEL: qemu-kvm-block-rbd)',
    'On Fedora or RHEL: dnf install virt-v2v (its Windows tools come along)',
    'On Fedora or RHEL: dnf install virtio-win',
    'There, on Fedora or RHEL: dnf install <…>',
    'There, on Fedora or RHEL: dnf install python3',
  ],
  'Variables and files of the environment: not written here.': [
    'Check region_name and interface of the cloud in <…>.',
    'Correct <…> in clouds.yaml, or make <…> readable.',
    'Elsewhere: build rhsrvany and set VIRT_TOOLS_DATA_DIR to the folder of rhsrvany.exe',
    'Elsewhere: set VIRTIO_WIN to virtio-win.iso or its unpacked folder',
    'Free at least 1 GiB in /var/tmp of the conversion host, or set LIBGUESTFS_CACHEDIR to a larger place',
    "Install virt-v2v's Windows tools on the conversion host, or set VIRT_TOOLS_DATA_DIR to their folder",
    'Rename the cloud in <…>, or set OS_CLOUD_NAME to another name.',
    'Write <…> without what stands before @, and the password as auth.password of the cloud, best in secure.yaml.',
    'Write clouds.<…> <…>.',
    'Write clouds.yaml in this folder or in ~/.config/openstack, or set the OS_* variables.',
    "Write one of them as 'cloud:' of the provider in migplan.yaml, or set OS_CLOUD.",
    "Write the CA's file as cacert of the cloud in clouds.yaml.",
    'make the folder writable for this user, or choose another one: export MIGPLAN_DATA_DIR=/path',
  ],
  'Needs a cloud, a host or a program that answers so, which is not made here.': [
    'Another port on network <…> has the address: delete it, or write mac: new or another fixedIp in the manifest.',
    'Fewer disks at a time: maxVolumes of access, or limits.transfers.',
    'Name the folders of the manifests in spec.include',
    'Network <…> may not let its users choose addresses, address pairs and port security: write target.server.networks with mac: new and none of them, or ask for the right to.',
    'On <…> the user needs the right to write to attached volumes: log in as root or as a member of the group disk, or write sudo: true in access.ssh.',
    'With limits.transfers: 1, and --parallelism 1, there is one such volume at a time.',
    'Write in access of the Project the name or id of the server that migplan runs on; it has to be in the project that volumes are made in.',
    'Write the id of the conversion host in access of the Project.',
  ],
};

/** By text. */
export const untried: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(reasons).flatMap(([why, texts]) => texts.map((text) => [text, why])),
);
