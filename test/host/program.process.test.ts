import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ProgramFinder, type ProgramName, probeProgram } from '../../src/host/program.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'program-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function install(name: string, script: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, name), 0o755);
}

const rows: readonly [program: ProgramName, says: string, expected: string][] = [
  ['nbdcopy', 'echo nbdcopy 1.10.5', 'MP8002'],
  ['nbdcopy', 'echo nbdcopy 1.12.0', '1.12.0'],
  ['nbdcopy', 'echo nbdcopy 1.14.2; echo libnbd 1.14.2', '1.14.2'],
  ['nbdkit', 'echo nbdkit 1.22.1', 'MP8002'],
  ['nbdkit', 'echo nbdkit 2.0', '2.0'],
  ['virt-v2v-in-place', 'echo virt-v2v-in-place 2.0.7', 'MP8002'],
  ['qemu-storage-daemon', 'echo qemu-storage-daemon version 5.2.0', 'MP8002'],
  ['qemu-storage-daemon', 'echo "qemu-storage-daemon version 9.1.0 (qemu-9.1.0)"', '9.1.0'],
  ['nbdkit', 'echo "error while loading shared libraries" >&2; exit 127', 'MP8003'],
];

test.each(rows)('%s that says %j: %s', async (name, says, expected) => {
  await install(name, says);
  const probe = await probeProgram(name, folder);
  expect('path' in probe ? probe.version : probe.code).toBe(expected);
});

describe('a program that is not there', () => {
  test('is a diagnostic that names the packages', async () => {
    const probe = await probeProgram('nbdcopy', folder);
    expect(probe).toMatchObject({ code: 'MP8001', detail: 'nbdcopy is not installed' });
    expect('nextSteps' in probe && probe.nextSteps).toEqual([
      'On Debian or Ubuntu: apt-get install libnbd-bin',
      'On Fedora or RHEL: dnf install libnbd',
    ]);
  });

  test('is thrown by whoever needs its path', async () => {
    await expect(new ProgramFinder(folder).path('nbdcopy')).rejects.toThrow('MP8001: nbdcopy is not installed');
  });
});
