import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { processesWith } from '../../lab/harness/processes.js';
import type { TargetBlock } from '../../src/contracts/target-provider.js';
import { Secret } from '../../src/host/secret.js';
import { type Bench, differsAt, fileReader, KiB, openBench, pattern } from './disks.js';
import { type IscsiTarget, startIscsiTarget } from './iscsi-target.js';

// A volume that Cinder serves over iSCSI, reached without the kernel's initiator.
const SIZE = 4096 * KiB;
const user = 'volume-user';
const password = 'chap-secret-0001';
const initiator = 'iqn.2026-11.dev.migplan:host';

let bench: Bench;
let served: IscsiTarget;
beforeEach(async () => {
  bench = await openBench();
  served = await startIscsiTarget({ file: await bench.disk('volume', pattern(SIZE, 2)), initiator, user, password });
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
  await served[Symbol.asyncDispose]();
});

function block(over: { readonly password?: string; readonly initiator?: string } = {}): TargetBlock {
  const { portal, target, lun } = served;
  const chap = { user, password: new Secret(over.password ?? password) };
  return { driver: 'iscsi', portal, target, lun, initiator: over.initiator ?? initiator, chap };
}

describe('a volume on iSCSI', () => {
  test('is written, flushed and compared; zeroes go over what was there', async () => {
    const source = pattern(SIZE, 1).fill(0, 1024 * KiB, 3072 * KiB);
    const frozen = await bench.plane.openSource(fileReader(await bench.disk('source', source)), SIZE);
    const volume = await bench.plane.openTarget(block(), SIZE);
    const whole = [{ offset: 0, length: SIZE }];
    expect(await bench.plane.nonZeroExtents(volume)).toEqual(whole);
    await bench.plane.copy({
      source: frozen,
      target: volume,
      extents: whole,
      skipZeroes: false,
      requestBytesMax: 2 ** 20,
      connections: 2,
    });
    expect(await bench.plane.firstDifference({ source: frozen, target: volume, extents: whole })).toBeUndefined();
    const programs = await processesWith(`PATH=${process.env['PATH']}`);
    expect(programs.some(({ command }) => command.includes('"driver":"iscsi"'))).toBe(true);
    for (const { command } of programs.filter((one) => !one.command.includes('tgt'))) expect(command).not.toContain(password);
    await frozen.close();
    await volume.close();
    expect(differsAt(await bench.read('volume'), source)).toBeUndefined();
  });

  test.each([
    ['a wrong password', { password: 'something-else-1' }, /login|auth/i],
    [
      'an initiator the target does not know',
      { initiator: 'iqn.2026-11.dev.migplan:other' },
      /login|target not found|failed to connect/i,
    ],
  ])(
    '%s: MP6003 with the reason, the volume untouched, the password not told',
    async (_name, over: { readonly password?: string; readonly initiator?: string }, reason) => {
      const failure = await bench.plane.openTarget(block(over), SIZE).catch((error: unknown) => error);
      expect(failure).toMatchObject({ details: { code: 'MP6003', call: 'open volume with driver iscsi' } });
      const told = JSON.stringify(failure) + String(failure);
      expect(String(failure)).toMatch(reason);
      expect(String(failure)).not.toContain('--object');
      expect(told).not.toContain(over.password ?? password);
      expect(differsAt(await bench.read('volume'), pattern(SIZE, 2))).toBeUndefined();
    },
  );
});
