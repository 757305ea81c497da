/** Why advice that names something is not carried out. There is no other reason. */
type Reason =
  /** A command of another distribution: neither its package manager nor its list of packages is here. */
  | 'another distribution'
  /** A command or an option of migplan itself: it is parsed as the command line does, and not run. */
  | 'parsed only'
  /** Words of an error, which the scan cannot tell from a next step. */
  | 'no next step';

const reasons: Readonly<Record<Reason, readonly string[]>> = {
  'another distribution': [
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
  'parsed only': [
    'To start a new project, run: migplan init',
    'choose another place: migplan plan --out FILE',
    'or make a new role: migplan doctor --vcenter --role',
    'or pass --auto-approve',
    'run migplan doctor --vm <…> again: it puts away what is left, and so does the next apply',
    'run migplan plan again: it shows what changed',
    'save a plan and apply it: migplan plan --out plan.json && migplan apply plan.json',
    'see that a server with this flavor, volume type and zone starts: --flavor, --volume-type, --availability-zone',
    'set the clocks of both machines, then make a new plan: migplan plan --out plan.json',
    'set the firmware of the source VM to EFI in vCenter (Edit Settings, VM Options, Boot Options), then run migplan plan again',
    'start the project in a folder that can be written: migplan init --chdir DIR',
    'try one seed: migplan plan, then migplan apply; what follows is needed only if a disk cannot be opened',
    'what else is missing, and where: migplan doctor --vcenter',
    'then run the same plan again; migplan doctor tells the same without a plan',
  ],
  'no next step': ['tls has caFile and thumbprint: only one of them can decide', 'tls.caFile <…> cannot be read (<…>)'],
};

/** By text. */
export const notHere: Readonly<Record<string, Reason>> = Object.fromEntries(
  Object.entries(reasons).flatMap(([why, texts]) => texts.map((text) => [text, why as Reason])),
);
