import { versioned } from './machine-type.js';

/** `qemu-system-x86_64 -machine help` of Debian 12's QEMU 7.2.22, without the machines that no PC guest can use. */
const versions = [
  ...['7.2', '7.1', '7.0', '6.2', '6.1', '6.0', '5.2', '5.1', '5.0', '4.2', '4.1', '4.0', '3.1', '3.0'],
  ...['2.12', '2.11', '2.10', '2.9', '2.8', '2.7', '2.6', '2.5', '2.4'],
];

export const debianReleases = {
  'debian-12': [
    'pc',
    ...versioned('i440fx', '', [...versions, '2.3', '2.2', '2.1', '2.0', '1.7', '1.6', '1.5', '1.4']),
    'q35',
    ...versioned('q35', '', [...versions, '4.0.1']),
  ],
} as const satisfies Record<string, readonly string[]>;
