import { type SnapshotRef, snapshotRef } from '../../../model/ids.js';
import type { ObservedSnapshot } from '../../../model/observed-source.js';
import type { Vim } from '../wsdl/vim.js';
import { decodeName } from './inventory-path.js';

type Tree = Vim<'VirtualMachineSnapshotTree'>;

/** All snapshots of a VM, parents before children. */
export function flattenSnapshots(info: Vim<'VirtualMachineSnapshotInfo'> | undefined): ObservedSnapshot[] {
  const flat: ObservedSnapshot[] = [];
  const add = (trees: readonly Tree[], parent: SnapshotRef | undefined): void => {
    for (const { snapshot, name, description, createTime, childSnapshotList } of trees) {
      const ref = snapshotRef(snapshot.value);
      flat.push({ ref, name: decodeName(name), description, createdAt: createTime, ...(parent === undefined ? {} : { parent }) });
      add(childSnapshotList, ref);
    }
  };
  add(info?.rootSnapshotList ?? [], undefined);
  return flat;
}

/** Levels of the deepest chain. */
export function snapshotDepth(info: Vim<'VirtualMachineSnapshotInfo'> | undefined): number {
  const depth = (trees: readonly Tree[]): number =>
    trees.reduce((deepest, tree) => Math.max(deepest, 1 + depth(tree.childSnapshotList)), 0);
  return depth(info?.rootSnapshotList ?? []);
}
