import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lockTimeoutMs, waitingFor } from '../../src/cli/lock-timeout.js';
import { waitForRuns } from '../../src/engine/held-elsewhere.js';
import { takeLock } from '../../src/state/backend/file-lock.js';
import { StateFolder } from '../../src/state/state-folder.js';
import { MovingClock } from '../apply/moving-clock.js';

const vms = [
  { address: 'vm/a', name: 'a' },
  { address: 'vm/b', name: 'b' },
];

async function stateFolder(): Promise<StateFolder> {
  const root = await mkdtemp(join(tmpdir(), 'migplan-held-test-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return (await StateFolder.open(root)).prepare();
}

/** What is told while it is waited, and for how long that was. */
async function waited(state: StateFolder, timeoutMs: number, onTold: () => unknown = () => undefined) {
  const clock = new MovingClock();
  const began = clock.monotonicMs();
  const told: string[] = [];
  const leftMs = await waitForRuns(vms, state, {
    timeoutMs,
    clock,
    tell: (held, note) => {
      const { code, severity, address, detail } = waitingFor(held, note);
      told.push(`${severity} ${code} ${address}: ${detail}`);
      onTold();
    },
  });
  const ms = clock.monotonicMs() - began;
  // What comes after it has only the rest of the time.
  expect(leftMs).toBe(timeoutMs - ms);
  return { told, ms };
}

test('before a plan is made, runs that work on its VMs are waited for, and each is told once', async () => {
  const state = await stateFolder();
  const held = await takeLock(state.vmLock('b').place, 'apply other', new Date('2026-06-01T11:00:00Z'));
  const over = await waited(state, 2000);
  expect(over).toEqual({
    told: [
      expect.stringMatching(
        /^warning MP3031 vm\/b: waiting for .+, apply other, since 2026-06-01T11:00:00.000Z\), for at most 2s$/,
      ),
    ],
    ms: 2000,
  });
  let ended: PromiseLike<void> | undefined;
  const inTime = await waited(state, 3_600_000, () => {
    ended = held[Symbol.asyncDispose]();
  });
  await ended;
  expect(inTime.told).toHaveLength(1);
  expect(inTime.ms).toBeLessThan(3_600_000);
});

test('nobody is waited for without a time, and nothing is told where no run is in the way', async () => {
  const state = await stateFolder();
  expect(await waited(state, 60_000)).toEqual({ told: [], ms: 0 });
  await using _held = await takeLock(state.vmLock('a').place, 'apply other', new Date());
  expect(await waited(state, 0)).toEqual({ told: [], ms: 0 });
});

test.each([
  ['0', 0],
  ['0s', 0],
  ['3s', 3000],
  ['1h30m', 5_400_000],
])('--lock-timeout %s', (text, ms) => {
  expect(lockTimeoutMs({ 'lock-timeout': text })).toBe(ms);
});

test('--lock-timeout that is no duration is refused', () => {
  expect(() => lockTimeoutMs({ 'lock-timeout': 'soon' })).toThrow('--lock-timeout is "soon", which is no duration');
});
