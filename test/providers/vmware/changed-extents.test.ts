import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MoRef } from '../../../lab/vcenter-sim/soap/value.js';
import type { SourceProvider, SourceSnapshot } from '../../../src/contracts/source-provider.js';
import type { ChangeId } from '../../../src/model/change-id.js';
import { type Extent, endOf, merge, subtract } from '../../../src/model/extent.js';
import { diskKey, vmRef } from '../../../src/model/ids.js';
import { startVmwareLab, type VmwareLab } from './lab.js';

const MiB = 2 ** 20;
const UNIT = 64 * 1024;
const CAPACITY = 16 * MiB + 512;
const vm = vmRef('vm-400');
const disk = diskKey(2000);
let lab: VmwareLab;
let source: SourceProvider;
let base: ChangeId;
const taken: SourceSnapshot[] = [];
let names = 0;

const count = (method: string): number => lab.sim.control.calls().calls.filter((call) => call.method === method).length;

async function take(): Promise<SourceSnapshot> {
  const snapshot = await source.createSnapshot(vm, { name: `migplan-${++names}`, description: '' });
  taken.push(snapshot);
  return snapshot;
}

async function drop(): Promise<void> {
  for (const { ref } of taken.splice(0)) await source.removeSnapshot(vm, ref);
}

beforeAll(async () => {
  lab = await startVmwareLab({
    datacenters: [{ name: 'DC1', vms: [{ name: 'db', moref: vm, cbtEnabled: true, disks: [{ capacityBytes: CAPACITY }] }] }],
  });
  source = await lab.open();
});
afterAll(() => lab[Symbol.asyncDispose]());
beforeEach(async () => {
  lab.sim.control.setOptions({
    cbt: {
      maxExtents: 2000,
      windowBytes: CAPACITY,
      shuffle: false,
      overlap: false,
      falsePositives: 0,
      mismatch: 'InvalidArgument',
    },
  });
  base = (await take()).disks[0]!.changeId!;
  await drop();
});
afterEach(async () => {
  lab.sim.control.clearFaults();
  await drop();
});

const write = (offset: number, length = 512) => lab.sim.control.guestWrite({ vm, offset, length, fill: { seed: 1 + ++names } });

test('windows of two extents, with empty ones in the middle, tile the disk', async () => {
  lab.sim.control.setOptions({ cbt: { maxExtents: 2, windowBytes: 2 * MiB } });
  for (const at of [0, 3 * UNIT, 6 * UNIT, 15 * MiB, CAPACITY - 512]) await write(at);
  const snapshot = await take();
  lab.sim.control.clearCalls();
  const changed = await source.changedExtents(snapshot, disk, base);
  // Tracking is exact at 64 KiB here; the last extent ends with the disk, not with the unit.
  expect(changed).toEqual([
    { offset: 0, length: UNIT },
    { offset: 3 * UNIT, length: UNIT },
    { offset: 6 * UNIT, length: UNIT },
    { offset: 15 * MiB, length: UNIT },
    { offset: CAPACITY - 512, length: 512 },
  ]);
  expect(count('QueryChangedDiskAreas')).toBeGreaterThanOrEqual(9);
});

test('nothing changed is an answer too, after all windows were asked', async () => {
  lab.sim.control.setOptions({ cbt: { windowBytes: 4 * MiB } });
  const snapshot = await take();
  lab.sim.control.clearCalls();
  expect(await source.changedExtents(snapshot, disk, base)).toEqual([]);
  expect(count('QueryChangedDiskAreas')).toBe(5);
});

test('whatever the guest wrote is among the changes, however the server answers', async () => {
  const options = fc.record({
    maxExtents: fc.constantFrom(1, 2, 3, 2000),
    windowBytes: fc.constantFrom(MiB, 5 * MiB, CAPACITY),
    shuffle: fc.boolean(),
    overlap: fc.boolean(),
    falsePositives: fc.constantFrom(0, 0.2),
  });
  await fc.assert(
    fc.asyncProperty(
      options,
      fc.integer({ min: 1, max: 2 ** 31 }),
      fc.integer({ min: 0, max: 12 }),
      async (cbt, seed, writes) => {
        lab.sim.control.setOptions({ cbt });
        const before = await take();
        const since = before.disks[0]!.changeId!;
        await drop();
        const { writes: written } = await lab.sim.control.guestRandomWrites({
          vm,
          seed,
          count: writes,
          maxBytes: 3 * UNIT,
          zeroRatio: 0.3,
        });
        const after = await take();
        const changed = await source.changedExtents(after, disk, since);
        expect(subtract(merge(written.map(({ offset, length }) => ({ offset, length: length! }))), changed)).toEqual([]);
        expectOrderly(changed);
        await expectToExplainTheDifference(before, after, changed);
        await drop();
      },
    ),
    { numRuns: 10, seed: 7 },
  );
}, 60_000);

function expectOrderly(extents: readonly Extent[]): void {
  let end = -1;
  for (const extent of extents) {
    expect(extent.offset).toBeGreaterThan(end);
    expect(extent.offset % UNIT).toBe(0);
    end = endOf(extent);
    expect(end % UNIT === 0 || end === CAPACITY).toBe(true);
  }
  expect(end).toBeLessThanOrEqual(CAPACITY);
}

/** The images themselves: the old one with just the extents copied over equals the new one. */
async function expectToExplainTheDifference(
  before: SourceSnapshot,
  after: SourceSnapshot,
  changed: readonly Extent[],
): Promise<void> {
  const image = async ({ ref }: SourceSnapshot): Promise<Buffer> =>
    readFile(lab.sim.control.frozenImage({ snapshot: ref, diskKey: disk }).imagePath);
  const [target, now] = [await image(before), await image(after)];
  for (const extent of changed) now.copy(target, extent.offset, extent.offset, endOf(extent));
  expect(target.equals(now)).toBe(true);
}

describe('faults', () => {
  const QUERY = 'QueryChangedDiskAreas';
  const fileFault = { fault: { type: 'FileFault', fields: { file: '[ds1] db/db-ctk.vmdk' } } };

  test('a map that is locked for a moment is asked again after half a minute, and then not any more', async () => {
    const snapshot = await take();
    lab.sim.control.addFault({ method: QUERY, do: fileFault });
    lab.clock.sleeps.length = 0;
    expect(await source.changedExtents(snapshot, disk, base)).toEqual([]);
    expect(lab.clock.sleeps).toEqual([30_000]);
    lab.sim.control.addFault({ method: QUERY, times: 2, do: fileFault });
    await expect(source.changedExtents(snapshot, disk, base)).rejects.toMatchObject({
      kind: 'cbt-invalid',
      details: { code: 'MP2045', nextSteps: [expect.stringContaining('run the same plan again')] },
    });
  });

  test('an id that vCenter refuses is not asked for again', async () => {
    const snapshot = await take();
    lab.sim.control.addFault({
      method: QUERY,
      do: { fault: { type: 'InvalidArgument', fields: { invalidProperty: 'changeId' } } },
    });
    lab.sim.control.clearCalls();
    await expect(source.changedExtents(snapshot, disk, base)).rejects.toMatchObject({ kind: 'cbt-invalid' });
    expect(lab.sim.control.calls().calls.map(({ method }) => method)).toEqual([QUERY]);
  });

  test('NotFound while disk and snapshot are there', async () => {
    const snapshot = await take();
    lab.sim.control.addFault({ method: QUERY, do: { fault: { type: 'NotFound' } } });
    await expect(source.changedExtents(snapshot, disk, base)).rejects.toMatchObject({ kind: 'cbt-invalid' });
  });

  test('a snapshot that somebody removed is not a matter of tracking', async () => {
    const snapshot = await take();
    await drop();
    await expect(source.changedExtents(snapshot, disk, base)).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('a capacity that is not true any more', async () => {
    const snapshot = await take();
    const stale = {
      ...snapshot,
      disks: snapshot.disks.map((snapshotDisk) => ({ ...snapshotDisk, capacity: snapshotDisk.capacity + MiB })),
    };
    await expect(source.changedExtents(stale, disk, base)).rejects.toMatchObject({
      kind: 'cbt-invalid',
      details: { detail: expect.stringContaining(`${CAPACITY} bytes now`) },
    });
  });

  test.each([
    ['SystemError', { type: 'SystemError', fields: { reason: 'x' } }, 'failed'],
    [
      'NoPermission',
      {
        type: 'NoPermission',
        fields: { object: new MoRef('VirtualMachine', vm), privilegeId: 'VirtualMachine.Provisioning.DiskRandomRead' },
      },
      'denied',
    ],
    ['HostNotConnected', { type: 'HostNotConnected' }, 'transient'],
  ])('%s says nothing about tracking', async (_name, fault, kind) => {
    const snapshot = await take();
    lab.sim.control.addFault({ method: QUERY, times: 'always', do: { fault } });
    await expect(source.changedExtents(snapshot, disk, base)).rejects.toMatchObject({ kind });
  });

  test('a session that ends, and an answer that gets lost, between windows', async () => {
    lab.sim.control.setOptions({ cbt: { windowBytes: 2 * MiB } });
    await write(15 * MiB);
    const snapshot = await take();
    lab.sim.control.addFault({ method: QUERY, nth: 3, do: { fault: { type: 'NotAuthenticated' } } });
    lab.sim.control.addFault({ method: QUERY, nth: 6, when: 'after', do: { truncate: true } });
    expect(await source.changedExtents(snapshot, disk, base)).toEqual([{ offset: 15 * MiB, length: UNIT }]);
  });
});

describe('when the chain breaks', () => {
  test('tracking that was reset is seen without asking', async () => {
    lab.sim.control.resetCbt({ vm });
    const snapshot = await take();
    lab.sim.control.clearCalls();
    await expect(source.changedExtents(snapshot, disk, base)).rejects.toMatchObject({
      kind: 'cbt-invalid',
      details: { detail: expect.stringContaining('started anew') },
    });
    expect(count('QueryChangedDiskAreas')).toBe(0);
  });

  test('a VM that went back to an earlier point', async () => {
    lab.sim.control.setOptions({ cbt: { onRevert: 'keep' } });
    const foreign = await lab.sim.control.createForeignSnapshot({ vm, name: 'before upgrade' });
    let later: ChangeId | undefined;
    for (let i = 0; i < 3; i++) {
      later = (await take()).disks[0]!.changeId!;
      await drop();
    }
    await lab.sim.control.revertToSnapshot({ snapshot: foreign.moref });
    const snapshot = await take();
    await expect(source.changedExtents(snapshot, disk, later!)).rejects.toMatchObject({
      kind: 'cbt-invalid',
      details: { detail: expect.stringContaining('earlier point') },
    });
    await drop();
    await lab.sim.control.removeForeignSnapshot({ snapshot: foreign.moref });
    await lab.sim.control.setPower({ vm, power: 'poweredOn' });
  });
});
