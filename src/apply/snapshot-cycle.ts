import type { SourceSnapshot } from '../providers/provider.js';
import { encodeSnapshotMark, snapshotName } from '../state/snapshot-mark.js';
import type { ApplyContext } from './handler.js';
import { thenGiveBack } from './then-give-back.js';
import { toldWhileWaiting } from './told-while-waiting.js';

/**
 * One snapshot of all disks for the time of `work`. Its name stands in the ledger before it exists, and until it is gone, so
 * that the next run finds what a killed one left.
 */
export async function withSnapshot(
  cycle: number,
  context: ApplyContext,
  work: (snapshot: SourceSnapshot) => Promise<void>,
): Promise<void> {
  const { source, vm, ledger, run, desired } = context;
  const name = snapshotName(run, desired.name, cycle);
  const description = encodeSnapshotMark({ run, lineage: context.lineage, vm: vm.instanceUuid, host: context.hostName });
  await ledger.snapshotIntended(name);
  const snapshot = await source.createSnapshot(vm.ref, { name, description });
  await thenGiveBack(
    async () => {
      await ledger.snapshotTaken(name, snapshot.ref);
      await work(snapshot);
    },
    async () => {
      // The source merges now what the VM wrote meanwhile.
      await toldWhileWaiting(context, 'the snapshot to be removed', () => source.removeSnapshot(vm.ref, snapshot.ref));
      await ledger.snapshotGone({ name });
    },
  );
}
