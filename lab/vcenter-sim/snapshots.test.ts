import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { VcenterSim } from './index.js';
import { all, areaStarts, at, child, disksIn, RawClient, VM } from './raw-client.js';
import { MIB, startTestSim, worldWith } from './test-world.js';

let sim: VcenterSim;
let client: RawClient;
afterEach(() => sim.close());

async function start(...args: Parameters<typeof worldWith>): Promise<void> {
  sim = await startTestSim(worldWith(...args));
  client = await RawClient.loggedIn(sim);
}

const BLOCK = 65_536;

describe('snapshots and their disks', () => {
  test('the snapshot has the frozen file and its id, the VM the delta and a moving id', async () => {
    await start();
    const moref = await client.createSnapshot();
    const frozen = child((await client.snapshotDisks(moref))[0]!, 'backing');
    const live = child(
      disksIn(
        (await client.read({ type: 'VirtualMachine', value: 'vm-1' }, 'config.hardware.device')).get('config.hardware.device')!,
      )[0]!,
      'backing',
    );
    expect([at(frozen, 'fileName').text, at(live, 'fileName').text]).toEqual([
      '[ds1] web01/web01.vmdk',
      '[ds1] web01/web01-000001.vmdk',
    ]);
    expect(at(live, 'parent', 'fileName').text).toBe('[ds1] web01/web01.vmdk');
    expect([at(frozen, 'changeId').text, at(live, 'changeId').text].map((id) => id.split('/')[1])).toEqual(['1', '2']);
  });

  test('frozen bytes stay while the guest goes on, and after removal', async () => {
    await start();
    const { imagePath } = await sim.control.currentImage({ vm: 'web01' });
    const before = await readFile(imagePath);
    const moref = await client.createSnapshot();
    const changeId = await client.changeIdOf(moref);
    await sim.control.guestRandomWrites({ vm: 'web01', seed: 1, count: 20, maxBytes: 100_000, zeroRatio: 0.3 });
    await client.removeSnapshot(moref);
    const entry = sim.control.frozenImage({ changeId });
    expect(entry).toMatchObject({ snapshot: moref, diskKey: 2000 });
    expect((await readFile(entry.imagePath)).equals(before)).toBe(true);
    expect((await readFile(imagePath)).equals(before)).toBe(false);
  });

  // Goal: what we call frozen and what we report as changed agree with the bytes.
  // Method: two snapshots with random writes between; every 64 KiB block that differs lies in a reported area.
  test.each([1, 2, 3])('changed areas cover every byte that differs, seed %i', async (seed) => {
    await start({}, { cbt: { maxExtents: 2, windowBytes: 512 * 1024, shuffle: true, overlap: true } });
    const first = await client.createSnapshot('a');
    await client.removeSnapshot(first);
    await sim.control.guestRandomWrites({ vm: 'vm-1', seed, count: 12, maxBytes: 90_000, zeroRatio: 0.4 });
    const second = await client.createSnapshot('b');
    await sim.control.guestRandomWrites({ vm: 'vm-1', seed: seed + 100, count: 5, maxBytes: 90_000 });
    const covered = new Set<number>();
    for (let position = 0; position < 4 * MIB; ) {
      const { results } = await client.changedAreas({
        snapshot: second,
        changeId: sim.control.frozenImage({ snapshot: first }).changeId!,
        startOffset: position,
      });
      for (const area of all(results[0]!, 'changedArea')) {
        const from = Number(at(area, 'start').text);
        for (let byte = from; byte < from + Number(at(area, 'length').text); byte += 512) covered.add(Math.floor(byte / BLOCK));
      }
      position += Number(at(results[0]!, 'length').text);
    }
    const [old, now] = await Promise.all(
      [first, second].map((snapshot) => readFile(sim.control.frozenImage({ snapshot }).imagePath)),
    );
    for (let block = 0; block < (4 * MIB) / BLOCK; block++) {
      const range = [block * BLOCK, (block + 1) * BLOCK] as const;
      if (!old!.subarray(...range).equals(now!.subarray(...range))) expect(covered, `block ${block}`).toContain(block);
    }
  });

  test('a zeroed area is reported as changed', async () => {
    await start();
    const first = await client.createSnapshot('a');
    await sim.control.guestWrite({ vm: 'vm-1', offset: 3 * BLOCK, length: BLOCK, fill: { zero: true } });
    const second = await client.createSnapshot('b');
    const answer = await client.changedAreas({ snapshot: second, changeId: await client.changeIdOf(first) });
    expect(areaStarts(answer.results[0]!)).toEqual([3 * BLOCK]);
  });

  test('files merge down when a snapshot below goes away', async () => {
    await start();
    const first = await client.createSnapshot('a');
    const second = await client.createSnapshot('b');
    const fileOf = async (moref: string) => at((await client.snapshotDisks(moref))[0]!, 'backing', 'fileName').text;
    expect(await fileOf(second)).toBe('[ds1] web01/web01-000001.vmdk');
    await client.removeSnapshot(first);
    expect(await fileOf(second)).toBe('[ds1] web01/web01.vmdk');
    await client.removeSnapshot(second);
    expect((await sim.control.currentImage({ vm: 'vm-1' })).fileName).toBe('[ds1] web01/web01.vmdk');
  });

  test('an independent disk has no part in it', async () => {
    await start({ disks: [{ capacityBytes: MIB }, { capacityBytes: MIB, mode: 'independent_persistent' }] });
    const moref = await client.createSnapshot();
    expect((await client.snapshotDisks(moref)).map((disk) => at(disk, 'key').text)).toEqual(['2000']);
  });

  test('a snapshot is absent from the VM when there is none, and a tree when there are', async () => {
    await start();
    const first = await client.createSnapshot('a');
    const second = await client.createSnapshot('b');
    const tree = (await client.read({ type: 'VirtualMachine', value: 'vm-1' }, 'snapshot')).get('snapshot')!;
    expect(at(tree, 'currentSnapshot').text).toBe(second);
    expect(at(tree, 'rootSnapshotList', 'snapshot').text).toBe(first);
    expect(at(tree, 'rootSnapshotList', 'childSnapshotList', 'name').text).toBe('b');
  });

  test('one task at a time', async () => {
    await start();
    const inner = `${VM}<name>s</name><memory>false</memory><quiesce>false</quiesce>`;
    const answers = await Promise.all([1, 2].map(() => client.call('CreateSnapshot_Task', inner)));
    expect(answers.map(({ fault }) => fault).sort()).toEqual(['TaskInProgress', undefined]);
  });
});

describe('faults of snapshots', () => {
  test.each([
    {
      name: 'name too long',
      vm: {},
      inner: `<name>${'x'.repeat(81)}</name><memory>false</memory><quiesce>false</quiesce>`,
      error: 'fault InvalidName',
    },
    {
      name: 'memory with an independent disk',
      vm: { disks: [{ capacityBytes: MIB, mode: 'independent_persistent' as const }] },
      inner: '<name>s</name><memory>true</memory><quiesce>false</quiesce>',
      error: 'fault MemorySnapshotOnIndependentDisk',
    },
    {
      name: 'shared disk',
      vm: { disks: [{ capacityBytes: MIB, sharing: 'sharingMultiWriter' as const }] },
      inner: '<name>s</name><memory>false</memory><quiesce>false</quiesce>',
      error: 'task SnapshotIncompatibleDeviceInVm',
    },
  ])('$name', async ({ vm, inner, error }) => {
    await start(vm);
    await expect(client.task('CreateSnapshot_Task', VM + inner)).rejects.toThrow(error);
    expect(sim.control.stats().snapshotsNow).toBe(0);
  });

  test('too deep a chain', async () => {
    await start();
    for (let level = 0; level < 32; level++) await sim.control.createForeignSnapshot({ vm: 'vm-1', name: `f${level}` });
    await expect(client.createSnapshot()).rejects.toThrow('task TooManySnapshotLevels');
  });
});

describe('what keeps a VM from being worked on', () => {
  test.each([
    { change: { connectionState: 'disconnected' }, fault: 'HostNotConnected' },
    { change: { connectionState: 'orphaned' }, fault: 'InvalidState' },
    { change: { disabledMethods: ['CreateSnapshot_Task'] }, fault: 'MethodDisabled' },
  ])('$fault', async ({ change, fault }) => {
    await start();
    sim.control.setVm({ vm: 'vm-1', ...change });
    await expect(client.createSnapshot()).rejects.toThrow(`fault ${fault}`);
  });
});
