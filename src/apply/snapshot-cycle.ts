import type { SourceSnapshot } from '../contracts/source-provider.js';
import { interruptible, uninterrupted } from '../host/interruption.js';
import { encodeSnapshotOwner, snapshotName } from '../state/snapshot-owner.js';
import type { ApplyContext } from './handler.js';
import { releaseAfter } from './release-after.js';
import { reportWhileWaiting } from './report-while-waiting.js';

/** What taking a snapshot needs of all that apply works with. */
export type SnapshotContext = Pick<
  ApplyContext,
  'desired' | 'vm' | 'source' | 'ledger' | 'run' | 'lineage' | 'hostName' | 'clock' | 'emit' | 'signal'
>;

/**
 * One snapshot of all disks for the time of `work`. Its name stands in the ledger before it exists, and until it is gone, so
 * that the next run finds what a killed one left.
 */
export async function withSnapshot(
  cycle: number,
  context: SnapshotContext,
  work: (snapshot: SourceSnapshot) => Promise<void>,
): Promise<void> {
  const { source, vm, ledger, run, desired, signal } = context;
  const name = snapshotName(run, desired.name, cycle);
  const description = encodeSnapshotOwner({ run, lineage: context.lineage, vm: vm.instanceUuid, host: context.hostName });
  await ledger.snapshotIntended(name);
  // One that is given up half-way is taken all the same, and then it grows until somebody looks after it.
  const snapshot = await uninterrupted(() => source.createSnapshot(vm.ref, { name, description }));
  await releaseAfter(
    async () => {
      signal.throwIfAborted();
      await ledger.snapshotTaken(name, snapshot.ref);
      await work(snapshot);
    },
    async () => {
      // The source merges now what the VM wrote meanwhile. It goes on with that when nobody waits, and the next run looks again;
      // who has said stop before waits for it.
      const remove = () =>
        reportWhileWaiting(context, { kind: 'snapshot-removal' }, () => source.removeSnapshot(vm.ref, snapshot.ref));
      await (signal.aborted ? remove() : interruptible(signal, remove));
      await ledger.snapshotGone({ name });
    },
  );
}
