import { versioned } from './machine-type.js';

/**
 * Ubuntu adds types named after its releases to QEMU's own, for every release since 14.04 (i440fx) and 16.04 (q35), and a
 * twin ending in -hpb from 18.04 to 23.10.
 *
 * 20.04: a published `qemu-system-x86_64 -M help`. 22.04: published `virsh capabilities` of a host with QEMU 6.2. 24.04: a
 * published `-machine help` of 8.2.2+ds-0ubuntu1 for q35; for i440fx, published capabilities of 24.04 and 23.10 hosts.
 */
const plainI440fx = ['artful', 'zesty', 'yakkety', 'xenial', 'wily', 'trusty'];
const plainQ35 = ['artful', 'zesty', 'yakkety', 'xenial'];
const twin = (...names: readonly string[]): string[] => names.flatMap((name) => [name, `${name}-hpb`]);

const untilFocal = twin('focal', 'eoan', 'disco', 'cosmic', 'bionic');
const untilJammy = [...twin('jammy', 'impish', 'hirsute', 'groovy'), ...untilFocal];
const untilNoble = ['noble-v2', 'noble', ...twin('mantic', 'lunar', 'kinetic'), ...untilJammy];
const manyCpus = ['mantic-maxcpus', 'mantic-hpb-maxcpus', 'jammy-maxcpus', 'jammy-hpb-maxcpus'];

const qemu2 = ['2.12', '2.11', '2.10', '2.9', '2.8', '2.7', '2.6', '2.5', '2.4'];
const until42 = ['4.2', '4.1', '4.0', '3.1', '3.0', ...qemu2];
const until62 = ['6.2', '6.1', '6.0', '5.2', '5.1', '5.0', ...until42];
const until82 = ['8.2', '8.1', '8.0', '7.2', '7.1', '7.0', ...until62];
const oldI440fx = ['2.3', '2.2', '2.1', '2.0'];
const oldestI440fx = ['1.7', '1.6', '1.5', '1.4'];

const names = ['pc', 'q35', 'ubuntu', 'ubuntu-q35'];
const both = (own: readonly string[], upstream: readonly string[]): string[] => [
  ...names,
  ...versioned('i440fx', '', [...own, ...plainI440fx, ...upstream, ...oldI440fx]),
  ...versioned('q35', '', [...own, ...plainQ35, ...upstream, '4.0.1']),
];
/** QEMU 4.2 still had the spellings from before the chipset was named. */
const beforeNaming = ['pc-1.3', 'pc-1.2', 'pc-1.1', 'pc-1.0', 'pc-0.15', 'pc-0.14', 'pc-0.13', 'pc-0.12'];

export const ubuntuReleases = {
  'ubuntu-20.04': [...both(untilFocal, until42), ...versioned('i440fx', '', oldestI440fx), ...beforeNaming],
  'ubuntu-22.04': [...both(untilJammy, until62), ...versioned('i440fx', '', oldestI440fx)],
  'ubuntu-24.04': [...both(untilNoble, until82), ...versioned('i440fx', '', manyCpus), ...versioned('q35', '', manyCpus)],
} as const satisfies Record<string, readonly string[]>;
