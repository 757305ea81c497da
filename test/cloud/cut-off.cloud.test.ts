import { randomUUID } from 'node:crypto';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { emptyCloud } from '../../lab/harness/empty-cloud.js';
import { RealCloud } from '../../lab/harness/real-cloud.js';
import { until } from '../../lab/harness/until.js';
import type { NbdEndpoint } from '../../src/contracts/data-plane.js';
import type { TargetBlock, TargetProvider } from '../../src/contracts/target-provider.js';
import { systemClock } from '../../src/host/clock.js';
import { cutOffRbd } from '../../src/transfer/cut-off-rbd.js';
import { processesWith } from '../host/compiled.js';
import { type Bench, fileReader, openBench, pattern } from '../transfer/disks.js';
import { openLabCloud } from './open-lab-cloud.js';

// A real Ceph refuses what a writer sends that was cut off: one at work, one that hangs and wakes up.
const MiB = 1024 ** 2;
const GiB = 1024 ** 3;
const WRITTEN = { offset: 0, length: MiB };

type Rbd = Extract<TargetBlock, { driver: 'rbd' }>;

let cloud: RealCloud;
let provider: TargetProvider;
let block: Rbd;
let former: Bench;
let next: Bench;
beforeAll(async () => {
  cloud = await RealCloud.open();
  await emptyCloud(cloud);
  provider = await openLabCloud(cloud, 'lab');
});
beforeEach(async () => {
  [former, next] = [await openBench(), await openBench()];
  const { id } = await provider.createVolume({ name: randomUUID(), sizeGiB: 1, type: 'rbd', metadata: {} });
  const connected = await provider.connect(id, await provider.reserve(id, []));
  if (connected.block.driver !== 'rbd') throw new Error(`a volume of type rbd is reached by ${connected.block.driver}`);
  block = connected.block;
});
afterEach(async () => {
  for (const bench of [former, next]) await bench[Symbol.asyncDispose]();
});
afterAll(async () => {
  await provider[Symbol.asyncDispose]();
  await emptyCloud(cloud);
});

/** A disk of one GiB that begins with these bytes. */
async function diskOf({ folder }: Bench, seed: number): Promise<string> {
  const path = join(folder, `seed-${seed}`);
  await writeFile(path, pattern(MiB, seed));
  await truncate(path, GiB);
  return path;
}

/** One MiB, of these bytes. */
async function writes(bench: Bench, target: NbdEndpoint, seed: number): Promise<void> {
  const source = await bench.plane.openSource(fileReader(await diskOf(bench, seed)), GiB);
  await bench.plane
    .copy({ source, target, extents: [WRITTEN], skipZeroes: false, requestBytesMax: 65_536, connections: 1 })
    .finally(() => source.close());
}

/** Opens the volume as the next run does, and finds these bytes. */
async function expectHolds(seed: number): Promise<void> {
  const { plane } = next;
  const [source, target] = [
    await plane.openSource(fileReader(await diskOf(next, seed)), GiB),
    await plane.openTarget(block, GiB),
  ];
  expect(await plane.firstDifference({ source, target, extents: [WRITTEN] })).toBeUndefined();
  for (const one of [source, target]) await one.close();
}

test('a writer at work is cut off: what it writes later is refused, and what it wrote before stays', async () => {
  const target = await former.plane.openTarget(block, GiB);
  await writes(former, target, 1);
  expect(await next.plane.cutOff(block)).toBe(true);
  await expect(writes(former, target, 2)).rejects.toMatchObject({ name: 'TransferError' });
  await expectHolds(1);
});

test('so is one that hangs, with writes on their way, when it wakes up', async () => {
  const target = await former.plane.openTarget(block, GiB);
  await writes(former, target, 1);
  const exporters = (await processesWith(former.runFolder)).filter(({ command }) => /^\S*qemu-storage-daemon /.test(command));
  expect(exporters).toHaveLength(1);
  process.kill(exporters[0]!.pid, 'SIGSTOP');
  const late = expect(writes(former, target, 2)).rejects.toMatchObject({ name: 'TransferError' });
  await until('the copy to have begun', async () =>
    (await processesWith(former.runFolder)).some(({ command }) => command.includes('nbdcopy ')),
  );
  expect(await next.plane.cutOff(block)).toBe(true);
  await expectHolds(1);
  process.kill(exporters[0]!.pid, 'SIGCONT');
  await late;
  await expectHolds(1);
});

test('where nobody holds the lock nothing is known: somebody who hangs may take it yet', async () => {
  expect(await next.plane.cutOff(block)).toBe(false);
  const target = await former.plane.openTarget(block, GiB);
  await writes(former, target, 1);
  await target.close();
  expect(await next.plane.cutOff(block)).toBe(false);
});

test('a user of Ceph who may shut nobody out leaves the writer as it is', async () => {
  const key = await cloud.ceph(
    ...[
      'auth',
      'get-or-create',
      'client.weak',
      'mon',
      'allow r',
      'osd',
      `allow class-read object_prefix rbd_children, allow rwx pool=${block.pool}`,
    ],
  );
  const conf = join(former.folder, 'ceph.conf');
  const keyring = join(former.folder, 'weak.keyring');
  await writeFile(keyring, `${key}\n`, { mode: 0o600 });
  await writeFile(conf, `[global]\nmon_host = ${await monitorOf()}\nkeyring = ${keyring}\n`);
  const target = await former.plane.openTarget(block, GiB);
  await writes(former, target, 1);
  expect(await cutOffRbd({ ...block, conf, user: 'weak' }, systemClock)).toBe(false);
  await writes(former, target, 2);
  await target.close();
  await expectHolds(2);
});

/** As it stands in the file that everybody reads. */
async function monitorOf(): Promise<string> {
  const told = JSON.parse(await cloud.ceph('mon', 'dump', '--format', 'json')) as {
    readonly mons: readonly { readonly public_addrs: { readonly addrvec: readonly { readonly addr: string }[] } }[];
  };
  return `[${told.mons[0]!.public_addrs.addrvec.map(({ addr }, index) => `v${2 - index}:${addr}`).join(',')}]`;
}
