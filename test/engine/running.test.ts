import { expect, test } from 'vitest';
import { ProviderError } from '../../src/contracts/provider-error.js';
import { runningOf } from '../../src/engine/running.js';
import { projectStatus, type StatusReport } from '../../src/engine/status.js';
import { watch } from '../../src/engine/watch-status.js';
import { type Clock, systemClock } from '../../src/host/clock.js';
import { takeLock } from '../../src/state/backend/file-lock.js';
import { RecordedRuntime } from './recorded-runs.js';

const statusOf = (runtime: RecordedRuntime): Promise<StatusReport> =>
  projectStatus(runtime, { migrations: runtime.loaded.migrations, isAll: true });

/** What is told once the journal, for which no copy waits, has come so far. */
async function copying(runtime: RecordedRuntime): Promise<StatusReport> {
  for (;;) {
    const report = await statusOf(runtime);
    if (report.running[0]?.copies?.some(({ bytesDone }) => bytesDone !== undefined) === true) return report;
    await systemClock.sleep(10);
  }
}

test('while an apply copies, status says who does it, where, since when and how far it is, and calls nothing of it left over', async () => {
  await using runtime = await RecordedRuntime.openNew();
  const seen: StatusReport[] = [];
  const { copy } = runtime.world.dataPlane;
  runtime.dataPlaneOver = {
    copy: async (job) => {
      job.onProgress?.(2);
      seen.push(await copying(runtime));
      await copy(job);
    },
  };
  const { run } = await runtime.apply();
  const [first] = seen;
  expect(first!.leftovers).toEqual([]);
  expect(first!.running).toMatchObject([
    { address: 'vm/web01', operation: `apply ${run}`, pid: process.pid, isSeen: true, step: { kind: 'sync' } },
  ]);
  const { copies } = first!.running[0]!;
  expect(copies!.some(({ isDone, bytesDone, bytesTotal }) => !isDone && bytesDone === 2 && bytesTotal! > 2)).toBe(true);
  const after = await statusOf(runtime);
  expect([after.running, after.leftovers]).toEqual([[], []]);
});

test('a VM whose turn has not come, and one that something else works on, have no step', async () => {
  await using runtime = await RecordedRuntime.openNew();
  const state = await (await runtime.state()).prepare();
  for (const operation of ['apply nosuchrun', 'doctor --vm web01']) {
    await using _lock = await takeLock(state.vmLock('web01').place, operation, new Date());
    const [running] = await runningOf(runtime.loaded.migrations, state);
    expect(running).toMatchObject({ operation, isSeen: true });
    expect([running!.step, running!.copies]).toEqual([undefined, undefined]);
  }
});

const clock = (onSleep: () => void): Clock => ({ now: () => new Date(0), monotonicMs: () => 0, sleep: async () => onSleep() });

test('a watch goes on over a remote that does not answer, and ends with Ctrl-C in the middle of a look', async () => {
  const abort = new AbortController();
  const [seen, troubles]: [number[], string[]] = [[], []];
  const silent = new ProviderError({ kind: 'transient', code: 'MP5003', provider: 'vc', call: 'Login', detail: 'no connection' });
  const looks = [
    async () => 1,
    async () => Promise.reject(silent),
    async () => 3,
    async () => {
      abort.abort();
      return Promise.reject(abort.signal.reason);
    },
  ];
  await watch({
    look: () => looks.shift()!(),
    everyMs: 1,
    clock: clock(() => undefined),
    signal: abort.signal,
    onSeen: (value) => seen.push(value),
    onTrouble: ({ message }) => troubles.push(message),
  });
  expect([seen, troubles, looks]).toEqual([[1, 3], ['vc: Login: no connection'], []]);
});

test('what another look would not mend ends a watch', async () => {
  const nobody = { everyMs: 1, clock: clock(() => undefined), signal: new AbortController().signal };
  const none = { onSeen: () => undefined, onTrouble: () => undefined };
  const denied = new ProviderError({ kind: 'denied', code: 'MP5004', provider: 'vc', call: 'x', detail: 'no' });
  await expect(watch({ ...nobody, ...none, look: () => Promise.reject(denied) })).rejects.toBe(denied);
});
