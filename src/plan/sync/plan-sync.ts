import type { Diagnostic } from '../../diag/diagnostic.js';
import { type DiskKey, GiB } from '../../model/ids.js';
import { luksHeader } from '../../model/luks-header.js';
import type { ObservedDisk, ObservedVm } from '../../model/observed-source.js';
import { volumeName } from '../../model/own-names.js';
import { recordKeys } from '../../model/sync-record.js';
import { typeOfNew } from '../checks/target-volume-types.js';
import type { Action, ActionMap, DiskSync } from '../core/action.js';
import type { DiskAssessment } from '../core/disk-assessment.js';
import { type AssessedDisk, blockerDiagnostic, type PlanContext } from '../core/plan-context.js';
import { forecastDelta } from './forecast.js';
import { dueAt, syncedText } from './sync-age.js';
import { verificationOf } from './verification.js';

export interface SyncPlan {
  /** Actions that must come before image metadata: tracking, new volumes. */
  readonly before: readonly Action[];
  readonly actions: readonly Action[];
  readonly diagnostics: readonly Diagnostic[];
  readonly notes: readonly string[];
}

const none: SyncPlan = { before: [], actions: [], diagnostics: [], notes: [] };

/** Volumes to create and data to move, up to the point where conversion may begin. */
export function planSyncs(context: PlanContext): SyncPlan {
  const { desired, vm, disks } = context;
  const isCutover = desired.cutover;
  if (isCutover && desired.finalSync === 'skip') return skipFinalSync(context);
  // Of a VM that is off, too: without tracking nothing could ever follow, nor a cutover be tried again without copying all.
  const enable: Action[] = desired.cbtSync && !vm.cbt.enabled ? [{ kind: 'enable-cbt' }] : [];
  const before = [...enable, ...disks.flatMap((assessed) => createVolume(context, assessed))];
  if (isCutover) return { ...none, before, actions: cutoverSyncs(context) };

  if (!needsSync(context)) return { ...none, before, notes: [upToDate(context)] };
  return {
    ...none,
    before,
    actions: [
      syncAction(
        context,
        vm.power === 'on' ? 'live' : 'cold',
        disks.map((d) => diskSync(context, d)),
      ),
    ],
  };
}

/** A first pass while the guest runs makes the one that needs it off short; then off, then the last delta. */
function cutoverSyncs(context: PlanContext): Action[] {
  const { desired, vm, disks } = context;
  const powerOff: Action = { kind: 'power-off', ...desired.shutdown };
  if (vm.power !== 'on')
    return [
      syncAction(
        context,
        isFirst(context) ? 'cold' : 'final',
        disks.map((d) => diskSync(context, d)),
      ),
    ];
  if (!desired.cbtSync)
    return [
      powerOff,
      syncAction(
        context,
        'cold',
        disks.map((d) => diskSync(context, d)),
      ),
    ];
  const live = syncAction(
    context,
    'live',
    disks.map((d) => diskSync(context, d)),
  );
  const measured = mustMeasure(context, live) ? [afterLive(context, 'live', nextCycle(context) + 1)] : [];
  return [live, ...measured, powerOff, afterLive(context, 'final', nextCycle(context) + 1 + measured.length)];
}

const isFirst = ({ disks }: PlanContext): boolean =>
  disks.every(({ assessment }) => assessment.kind === 'create' || assessment.kind === 'full');

/** A limit of the downtime is judged by a delta: after a full copy, one is taken for that while the guest still runs. */
const mustMeasure = ({ desired: { limits } }: PlanContext, live: ActionMap['sync']): boolean =>
  limits.downtimeSeconds !== undefined && live.disks.some(({ mode }) => mode === 'full');

/** After the live pass every disk is clean, at points that only apply will know. */
function afterLive(context: PlanContext, stage: 'live' | 'final', cycle: number): Action {
  const disks = context.disks.map(
    ({ disk }): DiskSync => ({
      mode: 'delta',
      disk: disk.key,
      since: 'live-sync',
      capacity: disk.capacity,
      forecast: { confidence: 'unknown' },
      ...limitOf(context),
    }),
  );
  return { kind: 'sync', stage, cycle, verify: verificationOf(context, { stage, disks }, 'other'), disks };
}

function syncAction(context: PlanContext, stage: 'live' | 'final' | 'cold', disks: readonly DiskSync[]): ActionMap['sync'] {
  // The first sync of a cutover is the last time that all can be compared before something cannot be undone.
  const verify = verificationOf(context, { stage, disks }, context.desired.cutover ? 'before-cutover' : 'other');
  return { kind: 'sync', stage, cycle: nextCycle(context), disks, verify };
}

const limitOf = ({ desired: { limits } }: PlanContext): { limitBytes?: number } =>
  limits.deltaBytes === undefined ? {} : { limitBytes: limits.deltaBytes };

function diskSync(context: PlanContext, { disk, assessment }: AssessedDisk): DiskSync {
  const common = { disk: disk.key, capacity: disk.capacity };
  const full = { confidence: 'upper-bound', bytes: disk.capacity } as const;
  switch (assessment.kind) {
    case 'full':
      return wholeDisk(context, disk, assessment);
    case 'delta':
      return {
        ...common,
        mode: 'delta',
        since: assessment.since,
        ...(assessment.partial === undefined ? {} : { partial: assessment.partial }),
        forecast: forecastFor(context, disk.key, disk.capacity),
        ...limitOf(context),
      };
    default:
      return { ...common, mode: 'full', reason: 'new-volume', forecast: full };
  }
}

/** A copy or a comparison of all that an earlier run has not done. */
export function wholeDisk(
  { desired: { limits } }: PlanContext,
  { key, capacity }: ObservedDisk,
  { reason, repair, begunBy, partial }: Extract<DiskAssessment, { kind: 'full' }>,
): Extract<DiskSync, { mode: 'full' }> {
  return {
    mode: 'full',
    disk: key,
    capacity,
    reason,
    ...(repair === true && { repair }),
    ...(begunBy === undefined ? {} : { begunBy }),
    ...(partial === undefined ? {} : { partial }),
    forecast: { confidence: 'upper-bound', bytes: capacity - (partial?.upTo ?? 0) },
    ...(reason === 'adopt' && limits.adoptionBytes !== undefined ? { limitBytes: limits.adoptionBytes } : {}),
  };
}

function forecastFor({ observed: { local }, now }: PlanContext, key: number, capacity: number) {
  const last = local.lastSync[String(key)];
  const age = last === undefined ? undefined : (now.getTime() - Date.parse(last)) / 1000;
  return forecastDelta(local.deltaHistory[String(key)] ?? [], age, capacity);
}

export function createVolume({ desired, observed, vm }: PlanContext, { disk, assessment }: AssessedDisk): Action[] {
  if (assessment.kind !== 'create') return [];
  const metadata = carriedMetadata(vm, disk.key);
  const { volumeType, availabilityZone } = desired.target;
  const header = typeOfNew(observed.catalog.volumeTypeTraits, volumeType)?.encrypted === true ? luksHeader.most : 0;
  return [
    {
      kind: 'create-volume',
      disk: disk.key,
      name: volumeName(desired.name, disk.key),
      sizeGiB: Math.ceil((disk.capacity + header) / GiB),
      ...(volumeType === undefined ? {} : { type: volumeType }),
      ...(availabilityZone === undefined ? {} : { availabilityZone }),
      capacity: disk.capacity,
      ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    },
  ];
}

/** All but the records of an earlier migration: they are about other bytes. */
function carriedMetadata({ openstackGuest }: ObservedVm, disk: DiskKey): Record<string, string> {
  const noted = openstackGuest?.volumes.find((volume) => volume.disk === disk)?.metadata ?? {};
  const records: readonly string[] = Object.values(recordKeys);
  return Object.fromEntries(Object.entries(noted).filter(([key]) => !records.includes(key)));
}

/** Disks with the same cycle come from one snapshot; the next cycle is above all that were ever used. */
export function nextCycle({ disks }: PlanContext): number {
  const cycles = disks.map(({ assessment }) =>
    'volume' in assessment && assessment.volume.reading.kind === 'record' ? assessment.volume.reading.record.cycle : 0,
  );
  return Math.max(0, ...cycles) + 1;
}

export const cyclesOf = ({ disks }: PlanContext): Set<number> =>
  new Set(
    disks.map(({ assessment }) =>
      'volume' in assessment && assessment.volume.reading.kind === 'record' ? assessment.volume.reading.record.cycle : -1,
    ),
  );

/** seed is content with any clean volume; sync wants one that is young enough, and all disks from the same snapshot. */
function needsSync(context: PlanContext): boolean {
  const { desired, disks, now } = context;
  if (disks.some(({ assessment }) => assessment.kind !== 'delta' || !assessment.clean)) return true;
  if (cyclesOf(context).size > 1) return true;
  if (desired.phase === 'seed') return false;
  return dueAt(context) <= now.getTime() / 1000;
}

const upToDate = (context: PlanContext): string =>
  context.desired.phase === 'seed' ? 'Seeded; nothing to do in phase "seed"' : syncedText(context);

export function skipFinalSync(context: PlanContext): SyncPlan {
  const { desired, disks } = context;
  const complete = disks.every(
    ({ assessment }) => (assessment.kind === 'delta' && assessment.clean) || assessment.kind === 'complete',
  );
  if (!complete || cyclesOf(context).size > 1) {
    const why = complete ? 'the disks were last synced from different snapshots' : 'not every disk has been synced completely';
    const diagnostic = blockerDiagnostic(desired, desired.address, {
      code: 'MP2012',
      detail: `finalSync: skip converts what is on the volumes, and ${why}`,
      nextSteps: ['remove spec.finalSync to sync first'],
      field: 'spec.finalSync',
    });
    return { ...none, diagnostics: [diagnostic] };
  }
  const lost: Diagnostic = {
    ...blockerDiagnostic(desired, desired.address, {
      code: 'MP2021',
      detail: 'finalSync: skip: everything the guest wrote after the last sync is LOST on the target',
      nextSteps: ['remove spec.finalSync to take a last delta'],
      field: 'spec.finalSync',
    }),
    severity: 'warning',
  };
  const powerOff: Action[] = context.vm.power === 'on' ? [{ kind: 'power-off', ...desired.shutdown }] : [];
  return { ...none, actions: powerOff, diagnostics: [lost] };
}
