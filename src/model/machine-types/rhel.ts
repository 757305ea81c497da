import { versioned } from './machine-type.js';

/**
 * Red Hat's qemu-kvm has types of its own and keeps, within one major release, what earlier minor releases had.
 *
 * RHEL 8: `qemu-kvm -machine help` as Nova's specification "libvirt: record the machine type" quotes it for 8.2, and as
 * published listings show it for 8.5 and 8.6; 8.4 lies between them.
 * RHEL 9: the listing with q35 = pc-q35-rhel9.2.0 in KubeVirt's design proposal "mass machine type transition", and one
 * of 9.8 that has the same types and the later ones.
 */
const i440fxOfRhel8 = versioned('i440fx', 'rhel', ['7.6.0', '7.5.0', '7.4.0', '7.3.0', '7.2.0', '7.1.0', '7.0.0']);
const q35UpTo84 = versioned('q35', 'rhel', [
  ...['8.4.0', '8.3.0', '8.2.0', '8.1.0', '8.0.0'],
  ...['7.6.0', '7.5.0', '7.4.0', '7.3.0'],
]);
const rhel84 = ['pc', ...i440fxOfRhel8, 'q35', ...q35UpTo84];
const rhel86 = [...rhel84, ...versioned('q35', 'rhel', ['8.6.0', '8.5.0'])];

const q35OfRhel92 = versioned('q35', 'rhel', [
  ...['9.2.0', '9.0.0'],
  ...['8.6.0', '8.5.0', '8.4.0', '8.3.0', '8.2.0', '8.1.0', '8.0.0', '7.6.0'],
]);
const rhel92 = ['pc', 'pc-i440fx-rhel7.6.0', 'q35', ...q35OfRhel92];
const rhel94 = [...rhel92, 'pc-q35-rhel9.4.0'];
const rhel98 = [...rhel94, 'pc-q35-rhel9.6.0', 'pc-q35-rhel9.8.0'];

/**
 * RHOSP 16.2 runs on RHEL 8.4, RHOSP 17.1 on RHEL 9.2 (Framework for upgrades 16.2 to 17.1, section 1.1: compute nodes may
 * stay on 8.4 for a while, which is `rhosp-17.1-multi-rhel`: what both have), RHOSO 18.0 on RHEL 9.4 (the data plane node
 * set of its deployment guide sets release 9.4).
 */
export const rhelReleases = {
  'rhel-8.4': rhel84,
  'rhel-8.6': rhel86,
  'rhel-9.2': rhel92,
  'rhel-9.4': rhel94,
  'rhel-9.8': rhel98,
  'rhosp-16.2': rhel84,
  'rhosp-17.1': rhel92,
  'rhosp-17.1-multi-rhel': rhel92.filter((type) => rhel84.includes(type)),
  'rhoso-18': rhel94,
} as const satisfies Record<string, readonly string[]>;
