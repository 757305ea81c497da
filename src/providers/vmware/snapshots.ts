import type { SnapshotDisk, SourceSnapshot } from '../../contracts/source-provider.js';
import { invariant } from '../../diag/diagnostic.js';
import { parseChangeId } from '../../model/change-id.js';
import { diskKey, type SnapshotRef, snapshotRef, type VmRef } from '../../model/ids.js';
import { RetryBudget, type VmwareContext } from './context.js';
import { type AttachedDisk, attachedDisks } from './inventory/disks.js';
import { encodeName } from './inventory/inventory-path.js';
import { flattenSnapshots } from './inventory/snapshot-tree.js';
import { readObject } from './property-collector.js';
import { EFFECT } from './soap/session.js';
import { isFault, VimFault } from './soap/vim-fault.js';
import { waitForTask, waitForTasksUnderWay } from './tasks.js';
import type { Moref } from './wsdl/vim.js';

const CREATE = 'CreateSnapshot_Task';
const REMOVE = 'RemoveSnapshot_Task';
const CONSOLIDATE = 'ConsolidateVMDisks_Task';

export const vmMoref = (vm: VmRef): Moref => ({ type: 'VirtualMachine', value: vm });
const snapshotMoref = (snapshot: SnapshotRef): Moref => ({ type: 'VirtualMachineSnapshot', value: snapshot });

export interface SnapshotRequest {
  readonly name: string;
  readonly description: string;
}

/** All disks at one instant, without memory and without quiescing. A snapshot of this name that is there already is taken. */
export async function createSnapshot(context: VmwareContext, vm: VmRef, request: SnapshotRequest): Promise<SourceSnapshot> {
  const ref = await takeSnapshot(context, vm, request);
  return { ref, vm, name: request.name, disks: await snapshotDisks(context, ref) };
}

/**
 * A lost answer does not tell whether there is a snapshot now, and a second one would stay behind forever: so before each
 * try, tasks under way are waited for and the tree is searched for the name.
 */
async function takeSnapshot(context: VmwareContext, vm: VmRef, { name, description }: SnapshotRequest): Promise<SnapshotRef> {
  const { session, config } = context;
  const retryBudget = new RetryBudget(context, CREATE);
  for (;;) {
    const present = await snapshotNamed(context, vm, name);
    if (present !== undefined) return present;
    try {
      const task = await session.call(CREATE, vmMoref(vm), { name, description, memory: false, quiesce: false }, EFFECT);
      const end = await waitForTask(session, task, { call: CREATE, ...taskTimeout(config) });
      if (end.kind === 'success') return snapshotRef((end.result as Moref).value);
      // Forgotten: the tree tells.
    } catch (error) {
      await retryBudget.waitOut(error);
    }
  }
}

async function snapshotNamed(context: VmwareContext, vm: VmRef, name: string): Promise<SnapshotRef | undefined> {
  await waitForTasksUnderWay(context.session, vmMoref(vm), {
    call: CREATE,
    doing: /createSnapshot/i,
    ...taskTimeout(context.config),
  });
  const tree = await readTree(context, vm);
  return tree.find((snapshot) => snapshot.name === name || encodeName(snapshot.name) === name)?.ref;
}

async function readTree({ session }: VmwareContext, vm: VmRef) {
  return flattenSnapshots(
    (await readObject(session, vmMoref(vm), ['snapshot'])).object('snapshot', 'VirtualMachineSnapshotInfo'),
  );
}

/**
 * What the snapshot froze, from its own configuration: the VM's names the files and change ids that move on. Disks that
 * snapshots do not freeze are left out, whatever file stands there.
 */
export async function snapshotDisks({ session }: VmwareContext, ref: SnapshotRef): Promise<SnapshotDisk[]> {
  const config = await readObject(session, snapshotMoref(ref), ['config.hardware.device']);
  return attachedDisks(config.list('config.hardware.device', 'VirtualDevice')).filter(isInSnapshot).map(toSnapshotDisk);
}

const isInSnapshot = ({ backing }: AttachedDisk): boolean =>
  backing.inSnapshots && backing.unsupported === undefined && backing.file !== undefined;

function toSnapshotDisk({ device, backing, capacity }: AttachedDisk): SnapshotDisk {
  invariant(backing.file !== undefined, 'a frozen disk has a file');
  const changeId = backing.changeId === undefined ? undefined : parseChangeId(backing.changeId);
  return {
    key: diskKey(device.key),
    uuid: backing.uuid,
    capacity,
    file: backing.file,
    ...(changeId === undefined ? {} : { changeId }),
  };
}

/** Removes one snapshot, never its children, and resolves when its data are merged. */
export async function removeSnapshot(context: VmwareContext, vm: VmRef, snapshot: SnapshotRef): Promise<void> {
  const { session, config } = context;
  const retryBudget = new RetryBudget(context, REMOVE);
  for (;;) {
    try {
      const task = await session.call(REMOVE, snapshotMoref(snapshot), { removeChildren: false, consolidate: true }, EFFECT);
      const end = await waitForTask(session, task, { call: REMOVE, ...taskTimeout(config) });
      if (end.kind === 'success') break;
      // Forgotten: asking again tells.
    } catch (error) {
      if (isFault(error, 'ManagedObjectNotFound')) break;
      // A task that failed may have removed it nevertheless: the host goes on when vCenter has given up waiting.
      if (error instanceof VimFault && !(await isInTree(context, vm, snapshot))) break;
      await retryBudget.waitOut(error);
    }
  }
  await consolidate(context, vm);
}

async function isInTree(context: VmwareContext, vm: VmRef, snapshot: SnapshotRef): Promise<boolean> {
  try {
    return (await readTree(context, vm)).some(({ ref }) => ref === snapshot);
  } catch (error) {
    if (isFault(error, 'ManagedObjectNotFound')) return false;
    throw error;
  }
}

/** Waits for a removal that is still merging, and merges what one left unmerged. A VM that is gone has nothing to merge. */
async function consolidate(context: VmwareContext, vm: VmRef): Promise<void> {
  const { session, config } = context;
  const retryBudget = new RetryBudget(context, CONSOLIDATE);
  try {
    await waitForTasksUnderWay(session, vmMoref(vm), {
      call: REMOVE,
      doing: /removeSnapshot|consolidate/i,
      ...taskTimeout(config),
    });
    while (
      (await readObject(session, vmMoref(vm), ['runtime.consolidationNeeded'])).flag('runtime.consolidationNeeded') === true
    ) {
      try {
        const task = await session.call(CONSOLIDATE, vmMoref(vm), {}, EFFECT);
        const end = await waitForTask(session, task, { call: CONSOLIDATE, ...taskTimeout(config) });
        if (end.kind === 'success') return;
      } catch (error) {
        await retryBudget.waitOut(error);
      }
    }
  } catch (error) {
    if (!isFault(error, 'ManagedObjectNotFound')) throw error;
  }
}

export const taskTimeout = ({ taskTimeoutMs }: VmwareContext['config']) =>
  taskTimeoutMs === undefined ? {} : { timeoutMs: taskTimeoutMs };
