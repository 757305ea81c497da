import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/host/clock.js';
import { startServer } from '../../src/host/nbd-server.js';

test('a server that takes a second to start is looked at some twenty times, and not a hundred', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nbd-server-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const files = { socket: join(folder, 's'), pidFile: join(folder, 'pid') };
  const pauses: number[] = [];
  const sleep = (ms: number): Promise<void> => {
    pauses.push(ms);
    return systemClock.sleep(ms);
  };
  // Of what passes only the pauses count: how long a busy machine takes for a look is nothing of the server's.
  const monotonicMs = (): number => pauses.reduce((sum, ms) => sum + ms, 0);
  const clock = { ...systemClock, sleep, monotonicMs };
  const args = ['-c', `sleep 1; echo $$ > ${files.pidFile}; exec sleep 60`];
  const server = await startServer({ program: '/bin/sh', args }, files, clock);
  await server.close();
  expect(pauses.length).toBeGreaterThan(5);
  expect(pauses.length).toBeLessThan(40);
  expect([pauses[0], Math.max(...pauses)]).toEqual([5, 100]);
});
