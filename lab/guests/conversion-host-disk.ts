import { writeIntoDisk } from './disk-files.js';
import { makeDebianDisk } from './linux-disk.js';
import type { LinuxGuest } from './linux-root.js';

const HOST_KEY = 'etc/ssh/lab_host_key';
const AUTHORIZED_KEYS = 'etc/ssh/lab_authorized_keys';
const ADDRESS = 'etc/default/lab-address';

/** What an emulated processor can do in a second or two. The keys are those of one disk, not those that the package makes. */
const sshd = `HostKey /${HOST_KEY}
AuthorizedKeysFile /${AUTHORIZED_KEYS}
PermitRootLogin prohibit-password
PasswordAuthentication no
UsePAM no
KexAlgorithms curve25519-sha256
Ciphers chacha20-poly1305@openssh.com
`;

/** There is no DHCP on the lab's networks. */
const address = `[Unit]
DefaultDependencies=no
BindsTo=sys-subsystem-net-devices-eth0.device
After=sys-subsystem-net-devices-eth0.device
[Service]
Type=oneshot
RemainAfterExit=yes
EnvironmentFile=/${ADDRESS}
ExecStart=/usr/sbin/ip address add \${ADDRESS} dev eth0
ExecStart=/usr/sbin/ip link set eth0 up
`;

const guest: LinuxGuest = {
  hostname: 'conversion-host',
  uuid: '6d706c6e-0000-4000-8000-0000000000c0',
  packages: ['openssh-server', 'python3', 'nbdkit', 'iproute2'],
  filesBeforePackages: {
    'etc/initramfs-tools/conf.d/lab': 'MODULES=list\nFSTYPE=ext4\n',
    'usr/share/initramfs-tools/modules.d/lab': 'virtio_pci\nvirtio_blk\nvirtio_net\next4\n',
  },
  files: {
    'etc/ssh/sshd_config.d/lab.conf': sshd,
    'etc/systemd/system/lab-address.service': address,
    'etc/systemd/system/multi-user.target.d/lab-address.conf': '[Unit]\nWants=lab-address.service\n',
  },
  parameters:
    'console=ttyS0,115200 quiet net.ifnames=0 mitigations=off nokaslr norandmaps audit=0 fsck.mode=skip modprobe.blacklist=kvm_amd,kvm_intel,powernow_k8',
  masked: [
    'systemd-logind.service',
    'systemd-journal-flush.service',
    'systemd-update-utmp.service',
    'systemd-update-utmp-runlevel.service',
    'systemd-pstore.service',
    'systemd-binfmt.service',
    'proc-sys-fs-binfmt_misc.automount',
    'modprobe@configfs.service',
    'modprobe@dm_mod.service',
    'modprobe@fuse.service',
    'modprobe@loop.service',
    'modprobe@drm.service',
    'modprobe@efi_pstore.service',
    'systemd-user-sessions.service',
    'e2scrub_reap.service',
    'fstrim.timer',
    'getty@tty1.service',
    'dev-hugepages.mount',
    'dev-mqueue.mount',
    'sys-kernel-debug.mount',
    'sys-kernel-tracing.mount',
  ],
};

/** What makes one conversion host out of the disk that all of them have in common. */
export interface ConversionHostDisk {
  /** With the length of its prefix: `192.0.2.7/24`. */
  readonly address: string;
  /** The key that the host proves itself with, a file. */
  readonly hostKey: string;
  /** Who may log in as root, a file. */
  readonly publicKey: string;
}

/**
 * Makes a raw disk with a Debian 12 that can be a conversion host: it boots from virtio, has an address on its first network
 * card, sshd, Python 3 and nbdkit. Needs what makeDebianDisk needs.
 */
export async function makeConversionHostDisk(path: string, host: ConversionHostDisk): Promise<void> {
  await makeDebianDisk(path, guest);
  await writeIntoDisk(path, [
    { name: HOST_KEY, from: host.hostKey, mode: 0o600 },
    { name: AUTHORIZED_KEYS, from: host.publicKey, mode: 0o600 },
    { name: ADDRESS, text: `ADDRESS=${host.address}\n`, mode: 0o644 },
  ]);
}
