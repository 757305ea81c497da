/** Why advice that names something is not carried out. There is no other reason. */
type Reason =
  /** A command of another distribution: neither its package manager nor its list of packages is here. */
  | 'another distribution'
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
  'no next step': ['tls has caFile and thumbprint: only one of them can decide', 'tls.caFile <…> cannot be read (<…>)'],
};

/** By text. */
export const notHere: Readonly<Record<string, Reason>> = Object.fromEntries(
  Object.entries(reasons).flatMap(([why, texts]) => texts.map((text) => [text, why as Reason])),
);
