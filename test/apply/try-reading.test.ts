import { describe, expect, test } from 'vitest';
import { ends } from '../../src/apply/read-ends.js';
import { type DiskRead, tryReading } from '../../src/apply/try-reading.js';
import { ProviderError } from '../../src/contracts/provider-error.js';
import { takeLock } from '../../src/state/backend/file-lock.js';
import { LockHeldError } from '../../src/state/lock.js';
import { encodeSnapshotOwner } from '../../src/state/snapshot-owner.js';
import { TransferError } from '../../src/transfer/errors.js';
import * as s from '../plan/plan-fixture.js';
import { told, Workshop } from './workshop.js';

/** A VM of two disks, and what doctor has read of it. */
class Trial {
  readonly reads: DiskRead[] = [];
  private constructor(readonly shop: Workshop) {}

  static async open(): Promise<Trial> {
    const shop = await Workshop.open();
    shop.add('a', s.cold, 2);
    return new Trial(shop);
  }

  run(): Promise<void> {
    const { shop } = this;
    this.reads.length = 0;
    return tryReading({
      desired: shop.desired.get('vm/a')!,
      state: shop.state,
      tools: shop.tools(),
      onRead: (read) => this.reads.push(read),
    });
  }

  get told(): string[] {
    return this.reads.map(({ disk, diagnostics }) => [disk, ...diagnostics.map(({ code }) => code)].join(' '));
  }

  async snapshots(): Promise<number> {
    const [found] = await this.shop.worlds.get('a')!.vm.provider.observe([{ kind: 'path', path: '/DC/vm/a' }]);
    return found?.kind === 'found' ? found.vm.snapshots.length : Number.NaN;
  }
}

const refusal = (detail: string) =>
  new ProviderError({ kind: 'failed', code: 'MP5004', provider: 'a', call: 'CreateSnapshot_Task', detail });

test.each([
  [1, [[0, 1]]],
  [512, [[0, 512]]],
  [
    513,
    [
      [0, 512],
      [512, 1],
    ],
  ],
  [
    2 ** 20,
    [
      [0, 512],
      [2 ** 20 - 512, 512],
    ],
  ],
  [
    2 ** 20 + 100,
    [
      [0, 512],
      [2 ** 20, 100],
    ],
  ],
])('the ends of a disk of %i bytes', (capacity, expected) => {
  expect(ends(capacity).map(({ offset, length }) => [offset, length])).toEqual(expected);
});

describe('doctor --vm reads both ends of every disk from a snapshot of its own', () => {
  test('both disks are read, and the snapshot is gone', async () => {
    const trial = await Trial.open();
    const { dataPlane } = trial.shop.worlds.get('a')!;
    const extents: unknown[] = [];
    let during = 0;
    trial.shop.dataPlaneOver = {
      firstDifference: async (comparison) => {
        extents.push(comparison.extents);
        during = await trial.snapshots();
        return dataPlane.firstDifference(comparison);
      },
    };
    await trial.run();
    expect(trial.told).toEqual(['2000', '2001']);
    expect(trial.reads.every(({ bytes, seconds }) => bytes > 0 && seconds >= 0)).toBe(true);
    expect([extents.length, during, await trial.snapshots()]).toEqual([2, 1, 0]);
  });

  test('a disk that cannot be read is told, the others are read all the same', async () => {
    const trial = await Trial.open();
    const { provider } = trial.shop.worlds.get('a')!.vm;
    let asked = 0;
    trial.shop.sourceOver = {
      reader: async (...args) => {
        if (asked++ === 0) throw new TransferError({ code: 'MP6002', call: 'open source', detail: 'VixDiskLib_Open: NFC error' });
        return { ...(await provider.reader(...args)), program: 'a' };
      },
    };
    await trial.run();
    expect(trial.told).toEqual(['2000 MP8005', '2001']);
    expect(trial.reads[0]!.diagnostics[0]!.detail).toBe(
      'the first and the last sector could not both be read: open source: VixDiskLib_Open: NFC error',
    );
    expect(await trial.snapshots()).toBe(0);
  });

  test('a snapshot that cannot be taken: why, and nothing is read', async () => {
    const trial = await Trial.open();
    trial.shop.sourceOver = { createSnapshot: async () => Promise.reject(refusal('no space on ds1')) };
    await expect(trial.run()).rejects.toThrow(/no space on ds1/);
    expect([trial.told, await trial.snapshots()]).toEqual([[], 0]);
  });

  test('a snapshot that cannot be removed: the disks are told, that it is still there, and what puts it away', async () => {
    const trial = await Trial.open();
    trial.shop.sourceOver = { removeSnapshot: async () => Promise.reject(refusal('cannot consolidate')) };
    await expect(trial.run()).rejects.toMatchObject({
      diagnostics: [
        {
          detail: 'the snapshot is still there: a: CreateSnapshot_Task: cannot consolidate',
          nextSteps: ['run migplan doctor --vm a again: it removes what is left, and so does the next apply'],
        },
      ],
    });
    expect([trial.told, await trial.snapshots()]).toEqual([['2000', '2001'], 1]);
    trial.shop.sourceOver = {};
    await trial.run();
    expect(await trial.snapshots()).toBe(0);
  });

  test('a VM that an apply works on is left alone', async () => {
    const trial = await Trial.open();
    await using _lock = await takeLock(trial.shop.state.vmLock('a').place, 'apply other', trial.shop.clock.now());
    let taken = 0;
    trial.shop.sourceOver = {
      createSnapshot: async () => {
        taken++;
        return Promise.reject(refusal('it was asked for'));
      },
    };
    await expect(trial.run()).rejects.toThrow(LockHeldError);
    expect(taken).toBe(0);
  });

  test('a VM that a run elsewhere works on is left alone', async () => {
    const trial = await Trial.open();
    const { vm } = trial.shop.worlds.get('a')!;
    const [found] = await vm.provider.observe([{ kind: 'path', path: '/DC/vm/a' }]);
    if (found?.kind !== 'found') throw new Error('the VM is gone');
    const { ref, instanceUuid } = found.vm;
    const mark = { run: 'run-elsewhere' as never, lineage: 'another', vm: instanceUuid, host: 'conv2' };
    await vm.provider.createSnapshot(ref, { name: 'migplan-elsewhere', description: encodeSnapshotOwner(mark) });
    await expect(trial.run()).rejects.toMatchObject({ diagnostics: [{ code: 'MP2024', severity: 'error' }] });
    expect(await trial.snapshots()).toBe(1);
  });

  test('Ctrl-C while a disk is read: the snapshot is removed', async () => {
    const trial = await Trial.open();
    trial.shop.dataPlaneOver = {
      firstDifference: async () => {
        trial.shop.abort.abort();
        trial.shop.abort.signal.throwIfAborted();
        return undefined;
      },
    };
    await expect(trial.run()).rejects.toMatchObject({ name: 'AbortError' });
    expect(await trial.snapshots()).toBe(0);
  });

  test.each(['doctor', 'apply'] as const)('what a killed one has left is removed by the next %s', async (next) => {
    const trial = await Trial.open();
    const plan = await trial.shop.plan();
    const { gate } = trial.shop.worlds.get('a')!;
    // Reading is over, and the process dies before the removal.
    trial.shop.dataPlaneOver = {
      firstDifference: async () => {
        gate.restart(1);
        return undefined;
      },
    };
    await expect(trial.run()).rejects.toThrow();
    gate.restart();
    expect(await trial.snapshots()).toBe(1);
    trial.shop.dataPlaneOver = {};
    if (next === 'doctor') await trial.run();
    else expect(told(await trial.shop.apply(plan))).toEqual(['vm/a done']);
    expect(await trial.snapshots()).toBe(0);
  });
});
