import type { Diagnostic } from '../../diag/diagnostic.js';
import type { Action, DiskSync, FullSyncReason } from '../core/action.js';
import type { DiskAssessment } from '../core/disk-assessment.js';
import { type AssessedDisk, blockerDiagnostic, type PlanContext } from '../core/plan-context.js';
import { createVolume, cyclesOf, nextCycle, type SyncPlan, skipFinalSync, wholeDisk } from './plan-sync.js';
import { verificationOf } from './verification.js';

/**
 * The copies of a source that tells no changes: all disks in full, from one snapshot, or nothing. At cutover the server is
 * off before its disks are frozen; there is no short last delta to hope for.
 */
export function planCopies(context: PlanContext): SyncPlan {
  const { desired, vm, disks } = context;
  const nothing: SyncPlan = { before: [], actions: [], diagnostics: [], notes: [] };
  if (desired.cutover && desired.finalSync === 'skip') return skipFinalSync(context);
  const isComplete = disks.every(({ assessment }) => assessment.kind === 'complete') && cyclesOf(context).size === 1;
  if (isComplete) return { ...nothing, notes: [copied(context)] };
  const before = disks.flatMap((assessed) => createVolume(context, assessed));
  if (!desired.cutover) {
    const isLive = vm.power === 'on';
    return {
      ...nothing,
      before,
      actions: [copyOf(context, isLive ? 'live' : 'cold')],
      diagnostics: isLive && disks.length > 1 ? [oneAfterTheOther(context)] : [],
    };
  }
  const powerOff: Action[] = vm.power === 'on' ? [{ kind: 'power-off', ...desired.shutdown }] : [];
  return { ...nothing, before, actions: [...powerOff, copyOf(context, 'cold')] };
}

const copied = ({ desired }: PlanContext): string =>
  desired.source.rehearsal === true
    ? 'Rehearsed: the copy is complete and nothing was stopped'
    : `Copied; nothing to do in phase "${desired.phase}"`;

function copyOf(context: PlanContext, stage: 'live' | 'cold'): Action {
  const hasChanged = context.disks.some(({ assessment }) => assessment.kind === 'full' && assessment.reason === 'source-changed');
  const disks = context.disks.map((assessed) => fullCopy(context, assessed, hasChanged));
  const verify = verificationOf(context, { stage, disks }, context.desired.cutover ? 'before-cutover' : 'other');
  return { kind: 'sync', stage, cycle: nextCycle(context), verify, disks };
}

/** `hasChanged`: some disk of the VM has, and all are copied from one snapshot. */
function fullCopy(context: PlanContext, { disk, assessment }: AssessedDisk, hasChanged: boolean): DiskSync {
  if (assessment.kind === 'full') return wholeDisk(context, disk, assessment);
  const { key, capacity } = disk;
  const reason = reasonOf(assessment, hasChanged);
  return { mode: 'full', disk: key, capacity, reason, forecast: { confidence: 'upper-bound', bytes: capacity } };
}

function reasonOf({ kind }: DiskAssessment, hasChanged: boolean): FullSyncReason {
  if (kind === 'create') return 'new-volume';
  return hasChanged ? 'source-changed' : 'interrupted-full';
}

const oneAfterTheOther = ({ desired }: PlanContext): Diagnostic => ({
  ...blockerDiagnostic(desired, desired.address, {
    code: 'MP2042',
    detail: 'the volumes of a running server are frozen one after the other: this copy may not boot, and is for trying out only',
    nextSteps: ['stop the server first for a copy of one instant; phase cutover does'],
  }),
  severity: 'warning',
});
