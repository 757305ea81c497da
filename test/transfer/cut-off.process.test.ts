import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cutOffRbd, type RbdBlock } from '../../src/transfer/cut-off-rbd.js';

// What is made of the answers of `rbd`; what Ceph makes of its calls is tried on a real one (cut-off.cloud.test.ts).
const block: RbdBlock = { driver: 'rbd', pool: 'volumes', image: 'volume-1', conf: '/etc/ceph/ceph.conf', user: 'cinder' };
const LOCK = { id: 'auto 94', locker: 'client.4123', address: '192.0.2.7:0/1' };
const features = (...names: readonly string[]) => JSON.stringify({ name: 'volume-1', features: names });

let folder: string;
let path: string | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cut-off-'));
  path = process.env['PATH'];
});
afterEach(async () => {
  process.env['PATH'] = path;
  await rm(folder, { recursive: true });
});

interface Answers {
  readonly info?: string;
  readonly locks?: string;
  /** Status of breaking a lock. */
  readonly removed?: number;
  /** One for each look; the last one for all that follow. */
  readonly watchers?: readonly (readonly object[])[];
}

/** A clock on which an hour is nothing. */
function clock() {
  let ms = 0;
  return {
    now: () => new Date(ms),
    monotonicMs: () => ms,
    sleep: async (forMs: number) => {
      ms += forMs;
    },
  };
}

/** What the answers lead to, and what was called. */
async function cutOff(
  { info = features('layering', 'exclusive-lock'), locks = JSON.stringify([LOCK]), removed = 0, watchers = [[]] }: Answers,
  of: RbdBlock = block,
) {
  const say = async (name: string, text: string) => writeFile(join(folder, name), text);
  await say('info', info);
  await say('locks', locks);
  for (const [index, one] of watchers.entries()) await say(`status-${index + 1}`, JSON.stringify({ watchers: one }));
  const program = `#!/bin/sh
cd '${folder}'
echo "$*" >> calls
case "$*" in
  *' info '*) cat info;;
  *' lock ls '*) cat locks;;
  *' lock rm '*) exit ${removed};;
  *' status '*) echo x >> looks; n=$(wc -l < looks); [ "$n" -gt ${watchers.length} ] && n=${watchers.length}; cat "status-$n";;
esac
`;
  await writeFile(join(folder, 'rbd'), program);
  await chmod(join(folder, 'rbd'), 0o755);
  process.env['PATH'] = `${folder}:${path}`;
  const isCutOff = await cutOffRbd(of, clock());
  const calls = (await readFile(join(folder, 'calls'), 'utf8').catch(() => '')).trim().split('\n');
  return { isCutOff, calls };
}

test('the lock of each writer is broken, for a week, with the configuration and the user of the Project', async () => {
  const other = { ...LOCK, id: 'auto 95', locker: 'client.4124' };
  const { isCutOff, calls } = await cutOff({ locks: JSON.stringify([LOCK, other]) });
  expect(isCutOff).toBe(true);
  expect(calls).toEqual(
    [
      'info --format json volumes/volume-1',
      'lock ls --format json volumes/volume-1',
      'lock rm --rbd-blocklist-on-break-lock=true --rbd-blocklist-expire-seconds=604800 volumes/volume-1 auto 94 client.4123',
      'lock rm --rbd-blocklist-on-break-lock=true --rbd-blocklist-expire-seconds=604800 volumes/volume-1 auto 95 client.4124',
      'status --format json volumes/volume-1',
    ].map((call) => `--conf /etc/ceph/ceph.conf --id cinder ${call}`),
  );
});

test('the watch of a client that was shut out may take a moment to end', async () => {
  const { isCutOff, calls } = await cutOff({ watchers: [[LOCK], [LOCK], []] });
  expect(isCutOff).toBe(true);
  expect(calls.filter((call) => call.includes(' status '))).toHaveLength(3);
});

describe('nothing is believed where', () => {
  test.each<[string, Answers]>([
    ['the image has no exclusive lock', { info: features('layering') }],
    ['its features are not told', { info: '{}' }],
    ['rbd says no JSON', { info: 'exclusive-lock' }],
    ['nobody holds the lock: who hangs may take it yet', { locks: '[]' }],
    ['a lock has no holder', { locks: JSON.stringify([{ id: 'auto 94' }]) }],
    ['locks are told as Ceph did before version 14', { locks: JSON.stringify({ 'auto 94': LOCK }) }],
    ['this user may not break it', { removed: 13 }],
    ['somebody has it open all the same', { watchers: [[LOCK]] }],
  ])('%s', async (_why, answers) => {
    expect((await cutOff(answers)).isCutOff).toBe(false);
  });

  test.each(['-h', 'a b', '../x', 'x@snap', 'x/y', ''])('a cloud names the image %j: nothing is called', async (image) => {
    expect(await cutOff({}, { ...block, image })).toEqual({ isCutOff: false, calls: [''] });
  });

  test('rbd is not installed', async () => {
    process.env['PATH'] = folder;
    expect(await cutOffRbd({ ...block }, clock())).toBe(false);
  });
});
