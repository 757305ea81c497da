import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { machineFamily } from '../../src/model/machine-types/machine-type.js';
import { machineTypeReleases } from '../../src/model/machine-types/releases.js';

function installed(): string {
  try {
    return execFileSync('/usr/bin/qemu-system-x86_64', ['-machine', 'help'], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

const help = installed();

// The table was written from this very list; other systems have other lists.
test.skipIf(!help.includes('(alias of pc-q35-7.2)'))("HW7 debian-12 is what Debian 12's QEMU says", () => {
  const types = help
    .split('\n')
    .slice(1)
    .map((line) => line.split(' ')[0]!)
    .filter((type) => ['pc', 'q35'].includes(machineFamily(type)));
  expect([...machineTypeReleases['debian-12']].sort()).toEqual(types.sort());
});
