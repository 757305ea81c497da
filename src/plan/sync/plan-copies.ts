import type { Diagnostic } from '../../diag/diagnostic.js';
import type { Action, DiskSync, FullSyncReason } from '../core/action.js';
import { blockerDiagnostic, type JudgedDisk, type Scene } from '../core/scene.js';
import type { DiskVerdict } from '../core/verdict.js';
import { createVolume, cyclesOf, nextCycle, type SyncPlan, skipFinalSync } from './plan-sync.js';
import { verificationOf } from './verification.js';

/**
 * The copies of a source that tells no changes: all disks in full, from one snapshot, or nothing. At cutover the server is
 * off before its disks are frozen; there is no short last delta to hope for.
 */
export function planCopies(scene: Scene): SyncPlan {
  const { desired, vm, disks } = scene;
  const nothing: SyncPlan = { before: [], actions: [], diagnostics: [], notes: [] };
  if (desired.cutover && desired.finalSync === 'skip') return skipFinalSync(scene);
  const isComplete = disks.every(({ verdict }) => verdict.kind === 'complete') && cyclesOf(scene).size === 1;
  if (isComplete) return { ...nothing, notes: [copied(scene)] };
  const before = disks.flatMap((judged) => createVolume(scene, judged));
  if (!desired.cutover) {
    const isLive = vm.power === 'on';
    return {
      ...nothing,
      before,
      actions: [copyOf(scene, isLive ? 'live' : 'cold')],
      diagnostics: isLive && disks.length > 1 ? [oneAfterTheOther(scene)] : [],
    };
  }
  const powerOff: Action[] = vm.power === 'on' ? [{ kind: 'power-off', ...desired.shutdown }] : [];
  return { ...nothing, before, actions: [...powerOff, copyOf(scene, 'cold')] };
}

const copied = ({ desired }: Scene): string =>
  desired.source.rehearsal === true
    ? 'Rehearsed: the copy is complete and nothing was stopped'
    : `Copied; nothing to do in phase "${desired.phase}"`;

function copyOf(scene: Scene, stage: 'live' | 'cold'): Action {
  const hasChanged = scene.disks.some(({ verdict }) => verdict.kind === 'full' && verdict.reason === 'source-changed');
  const disks = scene.disks.map((judged) => fullCopy(judged, hasChanged));
  const verify = verificationOf(scene, { stage, disks }, scene.desired.cutover ? 'before-cutover' : 'other');
  return { kind: 'sync', stage, cycle: nextCycle(scene), verify, disks };
}

/** `hasChanged`: some disk of the VM has, and all are copied from one snapshot. */
function fullCopy({ disk, verdict }: JudgedDisk, hasChanged: boolean): DiskSync {
  const { key, capacity } = disk;
  const repair = verdict.kind === 'full' && verdict.repair === true ? ({ repair: true } as const) : {};
  const partial = verdict.kind === 'full' ? verdict.partial : undefined;
  return {
    mode: 'full',
    disk: key,
    capacity,
    reason: reasonOf(verdict, hasChanged),
    ...repair,
    ...(partial === undefined ? {} : { partial }),
    forecast: { confidence: 'upper-bound', bytes: capacity - (partial?.upTo ?? 0) },
  };
}

function reasonOf(verdict: DiskVerdict, hasChanged: boolean): FullSyncReason {
  if (verdict.kind === 'create') return 'new-volume';
  if (verdict.kind === 'full') return verdict.reason;
  return hasChanged ? 'source-changed' : 'interrupted-full';
}

const oneAfterTheOther = ({ desired }: Scene): Diagnostic => ({
  ...blockerDiagnostic(desired, desired.address, {
    code: 'MP2042',
    detail: 'the volumes of a running server are frozen one after the other: this copy may not boot, and is for trying out only',
    nextSteps: ['stop the server first for a copy of one instant; phase cutover does'],
  }),
  severity: 'warning',
});
