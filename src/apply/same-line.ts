import type { SourceSnapshot } from '../contracts/source-provider.js';
import { DiagnosticsError } from '../diag/diagnostic.js';
import { sameEpoch } from '../model/change-id.js';
import type { DiskKey } from '../model/ids.js';
import type { VmHistory } from '../model/observed-source.js';
import { freshRequests } from '../model/reseed.js';
import { newestSequence, type SyncRecord } from '../model/sync-record.js';
import { resetTrackingSteps, untrackedIn } from '../plan/checks/tracking-age.js';
import type { ActionMap, DiskSync } from '../plan/core/action.js';
import { revertBlocker } from '../plan/core/disk-blockers.js';
import { isSameTree, type Revert, revertSince, wentBack } from '../plan/core/reverts.js';
import type { ApplyContext } from './handler.js';
import { writeState } from './records.js';

/** A snapshot of ours, and what stood around it when it existed. */
export interface Taken {
  readonly snapshot: SourceSnapshot;
  readonly history: VmHistory;
}

/**
 * Before the first byte of a sync: that the VM was not reverted behind what the volumes hold, also not between plan and snapshot.
 * A number of tracking that went back is noted on the volumes: the snapshot that showed it makes the next one look right.
 */
export async function requireSameLine(action: ActionMap['sync'], taken: Taken, context: ApplyContext): Promise<void> {
  const behind = action.disks.filter((disk) => isDelta(disk) && isBehind(disk, taken, context)).map(({ disk }) => disk);
  if (behind.length > 0) {
    for (const disk of context.records.keys()) await noteRevert(context, disk);
    const why = 'its tracking is at an earlier point than the volume';
    throw refusal(context, behind, { kind: 'yes', why });
  }
  for (const disk of action.disks.filter(isDelta)) {
    const record = context.records.get(disk.disk);
    if (record === undefined) continue;
    const revert = revertUntil(taken, record, context);
    if (revert.kind !== 'no') throw refusal(context, [disk.disk], revert);
  }
}

/** Whether what an interrupted first copy brought over still fits; undefined: it does. */
export function partialObstacle(disk: DiskKey, taken: Taken, context: ApplyContext): string | undefined {
  const record = context.records.get(disk);
  if (record === undefined) return undefined;
  const revert = revertUntil(taken, record, context);
  if (revert.kind !== 'no') return `the VM may have been reverted: ${revert.why}`;
  return isBehind({ disk }, taken, context) ? 'the VM went back to an earlier point' : undefined;
}

/** What a running guest that is about to be shut down proves, while its boot time still tells. */
export async function requireUnreverted(context: ApplyContext): Promise<void> {
  const { source, vm, desired, records } = context;
  if (vm.traits.tracking === 'none' || desired.finalSync === 'skip') return;
  const history = await source.history(vm.ref);
  for (const [disk, record] of records) {
    if (newestSequence(record.state) === undefined || record.state.kind !== 'clean') continue;
    const revert = revertSince(history, record);
    if (revert.kind !== 'no') throw refusal(context, [disk], revert);
  }
  context.stopped.history = history;
}

const isDelta = ({ mode }: DiskSync): boolean => mode === 'delta';

function isBehind({ disk }: Pick<DiskSync, 'disk'>, { snapshot }: Taken, { records }: ApplyContext): boolean {
  const record = records.get(disk);
  const id = snapshot.disks.find(({ key }) => key === disk)?.changeId;
  if (record === undefined || id === undefined || !isOfEpoch(record, id)) return false;
  return wentBack(record, id.sequence);
}

/** Another epoch is another matter: tracking started anew. */
function isOfEpoch({ state }: SyncRecord, id: { readonly epoch: string; readonly sequence: number }): boolean {
  if (state.kind === 'clean') return state.at !== undefined && sameEpoch(state.at, id);
  if (state.kind !== 'dirty') return false;
  const point = state.base ?? state.partial?.at;
  return point !== undefined && sameEpoch(point, id);
}

/** A guest that this run saw running, unreverted, and shut down itself: nobody took, removed or went back to a snapshot since. */
function revertUntil({ snapshot, history }: Taken, record: SyncRecord, { stopped }: ApplyContext): Revert {
  const revert = revertSince(history, record);
  if (revert.kind !== 'maybe' || stopped.history === undefined) return revert;
  return isSameTree(stopped.history, history, snapshot.ref) ? { kind: 'no' } : revert;
}

async function noteRevert(context: ApplyContext, disk: DiskKey): Promise<void> {
  const { state, cycle, capacity, run, origin } = context.records.get(disk)!;
  if (state.kind !== 'clean' && state.kind !== 'dirty') return;
  await writeState(context, disk, { state, cycle, capacity, run, origin, isReverted: true });
}

function refusal(
  { desired, records }: ApplyContext,
  disks: readonly DiskKey[],
  revert: Exclude<Revert, { kind: 'no' }>,
): DiagnosticsError {
  const { code, detail, nextSteps } = revertBlocker(revert, desired, freshRequests([...records.values()]));
  return new DiagnosticsError(
    disks.map((disk) => ({
      severity: 'error',
      code,
      address: `${desired.address}/disk/${disk}`,
      detail: `${detail}; nothing was written`,
      nextSteps,
    })),
  );
}

/**
 * Only tracking that every snapshot around has frozen is complete. Where deltas are wanted the rest is refused; where they are
 * not, the copy is one without a point to continue from.
 */
export function completelyTracked({ snapshot, history }: Taken, { desired, vm }: ApplyContext): Taken {
  const tracked = snapshot.disks.filter(({ changeId }) => changeId !== undefined).map(({ key }) => key);
  const young = vm.traits.tracking === 'cbt' ? untrackedIn(history, tracked, new Set([snapshot.ref])) : [];
  if (young.length === 0) return { snapshot, history };
  if (desired.cbtSync) {
    throw new DiagnosticsError(
      young.map(({ disk, snapshot: { name } }) => ({
        severity: 'error',
        code: 'MP2044',
        address: `${desired.address}/disk/${disk}`,
        detail: `changed block tracking is younger than snapshot "${name}" and silently misses writes; nothing was written`,
        nextSteps: resetTrackingSteps,
      })),
    );
  }
  const disks = snapshot.disks.map(({ changeId, ...disk }) =>
    changeId === undefined || young.some((one) => one.disk === disk.key) ? disk : { ...disk, changeId },
  );
  return { snapshot: { ...snapshot, disks }, history };
}
