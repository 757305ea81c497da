import { expect, test } from 'vitest';
import type { ApplyRequest } from '../../src/apply/apply-request.js';
import { PlanRecord } from '../../src/apply/plan-record.js';
import { interruptible } from '../../src/host/interruption.js';
import type { PlanProgress } from '../../src/state/state-folder.js';

/** A record whose writes end when the test says so: `written` in their order. */
function record() {
  const written: PlanProgress[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const writePlanProgress = (progress: PlanProgress) =>
    new Promise<void>((resolve, reject) => {
      written.push(progress);
      ends.push((error) => (error === undefined ? resolve() : reject(error)));
    });
  const request = {
    plan: { plan: { id: 'p1' } },
    state: { writePlanProgress },
    tools: { clock: { now: () => new Date('2026-06-01T12:00:00Z') }, hostName: 'here' },
  } as unknown as ApplyRequest;
  const end = async (error?: Error) => {
    ends.shift()!(error);
    await turn();
  };
  return { progress: new PlanRecord(request, undefined), written, end };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const endOf = (work: Promise<void>): Promise<string> =>
  work.then(
    () => 'written',
    (error: Error) => error.message,
  );
const pending = Symbol('pending');
const stateOf = (work: Promise<string>) => Promise.race([work, turn().then(() => pending)]);

test('what changes while it is being written is in the next write, and waits for that one', async () => {
  const { progress, written, end } = record();
  const first = endOf(progress.began('vm/a'));
  await turn();
  const others = [progress.began('vm/b'), progress.finished('vm/a'), progress.began('vm/c')].map(endOf);
  expect(written.map(({ begun }) => begun)).toEqual([['vm/a']]);
  await end();
  expect(await first).toBe('written');
  expect(await stateOf(others[0]!), 'it is not durable yet').toBe(pending);
  expect(written).toHaveLength(2);
  expect(written[1]).toMatchObject({ plan: 'p1', begun: ['vm/a', 'vm/b', 'vm/c'], done: ['vm/a'] });
  await end();
  expect(await Promise.all(others)).toEqual(['written', 'written', 'written']);
});

test('what could not be written is told to those whose change it was, and is in the next write', async () => {
  const { progress, written, end } = record();
  const failed = endOf(progress.began('vm/a'));
  await turn();
  const next = endOf(progress.began('vm/b'));
  await end(new Error('no server'));
  expect(await failed).toBe('no server');
  await end();
  expect(await next).toBe('written');
  expect(written[1]!.begun).toEqual(['vm/a', 'vm/b']);
});

test('a VM that is lost meanwhile takes nothing from others that wait for the same write', async () => {
  const { progress, end } = record();
  const first = endOf(progress.began('vm/a'));
  await turn();
  const lost = new AbortController();
  const ends = [interruptible(lost.signal, () => progress.began('vm/b')), progress.began('vm/c')].map(endOf);
  lost.abort(new Error('lost'));
  expect(await ends[0]).toBe('lost');
  await end();
  await end();
  expect(await Promise.all([first, ends[1]])).toEqual(['written', 'written']);
});
