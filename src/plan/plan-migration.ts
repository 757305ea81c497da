import type { Diagnostic } from '../diag/diagnostic.js';
import { hasErrors } from '../diag/diagnostic.js';
import type { DesiredMigration } from '../model/desired.js';
import type { ObservedMigration } from '../model/observed.js';
import { judgeMigration, type Ran } from './checks/judge.js';
import { hotPlugWarnings } from './checks/server-hot-plug.js';
import { notFoundDiagnostic } from './checks/source-checks.js';
import type { Action } from './core/action.js';
import { disksWrittenBy } from './core/action-table.js';
import { isConverted } from './core/disk-assessment.js';
import { lostMerge, withLostMerge } from './core/lost-merge.js';
import { mergedBy, mergingRecord } from './core/merged-guest.js';
import { oneConversion } from './core/one-conversion.js';
import { type AssessedDisk, blockerDiagnostic, type PlanContext } from './core/plan-context.js';
import { planContextOf } from './core/plan-context-of.js';
import { isServerMade, isServerWanted } from './core/server-wanted.js';
import { bootDiskNote, diskOrder } from './cutover/disk-order.js';
import { downtimeProblems } from './cutover/downtime.js';
import { overlayMissing } from './cutover/overlay-missing.js';
import { planConversion, planMarks, planServer } from './cutover/plan-cutover.js';
import { machineTypeDrift, machineTypeNotes, planImageMetadata } from './cutover/plan-image-metadata.js';
import { serverDrift } from './cutover/server-drift.js';
import { serverPorts } from './cutover/server-ports.js';
import { finalizeObstacle } from './sync/finalize-obstacle.js';
import { planCopies } from './sync/plan-copies.js';
import { planSyncs, type SyncPlan } from './sync/plan-sync.js';

export interface PlanOptions {
  readonly now: Date;
  readonly ran?: Ran;
}

/** What one migration needs. With an error among the diagnostics there are no actions. */
export interface MigrationPlan {
  readonly address: string;
  readonly actions: readonly Action[];
  readonly diagnostics: readonly Diagnostic[];
  /** Sentences for people about what needs no action, such as `Volume already converted`. */
  readonly notes: readonly string[];
  /** The machine type that was chosen, where nothing is known of those that the target has. */
  readonly uncheckedMachineType?: string;
}

const ALREADY_CONVERTED = 'Volume already converted';

/** Its server runs from what its disks held, and somebody has taken the disks off it since: nothing is left to be judged. */
const isEmptiedAfterCutover = ({ source, server, volumes }: ObservedMigration): boolean => {
  const held = Object.values(volumes).flat();
  const hasNone = source.kind === 'found' && source.vm.disks.length === 0;
  return hasNone && isServerMade(server) && held.length > 0 && held.every(({ reading }) => isConverted(reading));
};

/** Pure: the same values always give the same plan. */
export function planMigration(desired: DesiredMigration, observed: ObservedMigration, { now, ran }: PlanOptions): MigrationPlan {
  const none = { address: desired.address, actions: [], notes: [] };
  if (observed.source.kind !== 'found') return { ...none, diagnostics: [notFoundDiagnostic(desired, observed.source)] };
  if (isEmptiedAfterCutover(observed)) return { ...none, diagnostics: [], notes: [ALREADY_CONVERTED] };
  const asked = withLostMerge(desired, observed);
  const context = planContextOf(asked, observed, { vm: observed.source.vm, now });
  const plan = { ...planFound(context, ran), ...uncheckedOf(context) };
  return asked === desired ? plan : { ...plan, diagnostics: [...plan.diagnostics, lostMerge(desired, observed)] };
}

const uncheckedOf = ({ machineType }: PlanContext): Pick<MigrationPlan, 'uncheckedMachineType'> =>
  machineType.kind === 'written' && !machineType.checked ? { uncheckedMachineType: machineType.type } : {};

function planFound(context: PlanContext, ran: Ran | undefined): MigrationPlan {
  const none = { address: context.desired.address, actions: [], notes: [] };
  const found = judgeMigration(context, 'source', ran);
  if (hasErrors(found)) return { ...none, diagnostics: found };
  const { disks } = context;
  const merged = mergedBy(disks);
  if (merged !== undefined || disks.every(({ assessment }) => assessment.kind === 'converted'))
    return planConverted(context, merged);

  const diagnostics = [...found, ...judgeMigration(context, 'target', ran)];
  if (hasErrors(diagnostics)) return { ...none, diagnostics };
  const conversionBegan = disks.some(({ assessment }) => assessment.kind === 'committing' || assessment.kind === 'converted');
  return conversionBegan ? planRollForward(context, diagnostics) : planWork(context, diagnostics);
}

function planWork(context: PlanContext, found: readonly Diagnostic[]): MigrationPlan {
  const { desired } = context;
  const syncs: SyncPlan = context.vm.traits.tracking === 'none' ? planCopies(context) : planSyncs(context);
  const diagnostics = [...found, ...syncs.diagnostics, ...downtimeProblems(context, syncs.actions)];
  if (hasErrors(diagnostics)) return { address: desired.address, actions: [], diagnostics, notes: [] };
  const image = planImageMetadata(context);
  const work = [
    ...syncs.before,
    ...image,
    ...syncs.actions,
    ...(desired.cutover ? [...planConversion(context), ...planServer(context)] : []),
  ];
  const actions = [...cleanup(context, work), ...work];
  const notes = [
    ...(actions.length === 0 ? syncs.notes : []),
    ...machineTypeNotes(context),
    ...(desired.cutover ? bootDiskNote(context) : []),
  ];
  return { address: desired.address, actions, diagnostics, notes };
}

/** Nothing but forward: some overlay is being merged, or has been. */
function planRollForward(context: PlanContext, found: readonly Diagnostic[]): MigrationPlan {
  const { desired, disks, observed } = context;
  const { address } = desired;
  if (context.vm.traits.conversion === 'none') return planFinalizeRest(context, found);
  const run = oneConversion(disks.flatMap((disk) => mergingRecord(disk) ?? []));
  // Complete: it waits for its overlay to be merged. What is at another station got something else since.
  const isApart = disks.some(({ assessment }) => assessment.kind !== 'committing' && assessment.kind !== 'complete');
  if (run === undefined || isApart || !observed.local.overlayRuns.includes(run)) {
    return { address, actions: [], diagnostics: [...found, overlayMissing(context)], notes: [] };
  }
  if (!desired.cutover) return { address, actions: [], diagnostics: [...found, convertedButNotAsked(context)], notes: [] };
  const work: Action[] = [{ kind: 'commit-conversion', disks: diskOrder(context), run }, ...planServer(context)];
  const actions = [...cleanup(context, work), ...work];
  return { address, actions, diagnostics: found, notes: [] };
}

/** A copied server whose records were being made final. */
function planFinalizeRest(context: PlanContext, found: readonly Diagnostic[]): MigrationPlan {
  const { address } = context.desired;
  const obstacle = context.desired.cutover ? finalizeObstacle(context) : convertedButNotAsked(context);
  if (obstacle !== undefined) return { address, actions: [], diagnostics: [...found, obstacle], notes: [] };
  const work = [...planImageMetadata(context), ...planConversion(context), ...planServer(context)];
  const actions = [...cleanup(context, work), ...work];
  return { address, actions, diagnostics: found, notes: [] };
}

/** `merged`: the run that merged all disks, where not all of them are marked as converted. */
function planConverted(context: PlanContext, merged: string | undefined): MigrationPlan {
  const { desired, observed } = context;
  const { address } = desired;
  if (!desired.cutover) return { address, actions: [], diagnostics: [convertedButNotAsked(context)], notes: [] };
  const wantsServer = isServerWanted(desired, observed.server);
  // What is being built has its name, ports and machine type already: it is only waited for.
  const isBuilt = observed.server?.status === 'BUILD';
  const diagnostics = wantsServer
    ? [...sourceRunsAgain(context, 'error'), ...(isBuilt ? [] : judgeMigration(context, 'target'))]
    : [
        ...sourceRunsAgain(context, 'warning'),
        ...serverWarnings(context),
        ...serverDrift(context),
        ...serverPorts(context),
        ...hotPlugWarnings(context),
        ...machineTypeDrift(context),
      ];
  if (hasErrors(diagnostics)) return { address, actions: [], diagnostics, notes: [] };
  const work = [
    ...planMarks(context, merged),
    ...(wantsServer ? [...(isBuilt ? [] : planImageMetadata(context)), ...planServer(context)] : []),
  ];
  const actions = [...cleanup(context, work), ...work];
  return { address, actions, diagnostics, notes: merged === undefined ? [ALREADY_CONVERTED] : [] };
}

/** Two of one guest must never run: what the source writes now is on no volume. Where nothing is left to do it can only be told. */
function sourceRunsAgain({ desired, vm }: PlanContext, severity: Diagnostic['severity']): Diagnostic[] {
  if (vm.power === 'off') return [];
  return [
    {
      ...blockerDiagnostic(desired, desired.address, {
        code: 'MP2023',
        differs: { before: { power: 'off' }, after: { power: vm.power } },
        detail: `the volumes are converted, and the source VM is ${vm.power} again: what it writes now is not on the target`,
        nextSteps: [
          'power it off to go on with what was converted; what it wrote since is lost',
          'or delete its volumes on the target, and plan to copy and convert it again',
        ],
      }),
      severity,
    },
  ];
}

const serverWarnings = ({ desired, observed: { server } }: PlanContext): Diagnostic[] =>
  server === undefined || server.status === 'ACTIVE'
    ? []
    : [
        {
          severity: 'warning',
          code: 'MP2026',
          address: `${desired.address}/server`,
          detail: `server ${server.name} (${server.id}) is in status ${server.status}`,
          nextSteps: [`openstack server show ${server.id}`],
          differs: { before: { status: 'ACTIVE' }, after: { status: server.status } },
        },
      ];

/** `next`: what is done after it. A volume that is on the conversion host already, and will be written, stays there. */
function cleanup({ observed: { source, local, conversionHost }, disks }: PlanContext, next: readonly Action[]): Action[] {
  const own = new Set<string>(local.ownAttachments);
  const written = new Set(next.flatMap(disksWrittenBy));
  const attachments = disks.flatMap(({ disk, assessment }) =>
    'volume' in assessment
      ? assessment.volume.attachments
          .filter(({ id, server }) => {
            const isInPlace = conversionHost !== undefined && server === conversionHost.server && written.has(disk.key);
            return own.has(id) && !isInPlace;
          })
          .map(({ id }): Action => ({ kind: 'release-attachment', disk: disk.key, volume: assessment.volume.id, attachment: id }))
      : [],
  );
  const existing = source.kind === 'found' ? source.vm.snapshots.map(({ ref }) => ref) : [];
  const snapshots = local.ownSnapshots
    .filter((ref) => existing.includes(ref))
    .map((snapshot): Action => ({ kind: 'release-snapshot', snapshot }));
  return [...attachments, ...snapshots, ...staleOverlays(local.overlayRuns, disks)];
}

/** An overlay is worth keeping only while it is being merged. */
function staleOverlays(runs: readonly string[], disks: readonly AssessedDisk[]): Action[] {
  const merging = disks.flatMap(({ assessment }) => (assessment.kind === 'committing' ? [assessment.run] : []));
  const stale = runs.filter((run) => !merging.includes(run));
  return stale.length === 0 ? [] : [{ kind: 'discard-overlays', runs: stale, disks: disks.map(({ disk }) => disk.key) }];
}

const convertedButNotAsked = ({ desired }: PlanContext): Diagnostic =>
  blockerDiagnostic(desired, desired.address, {
    code: 'MP2002',
    detail: `Volume already converted: phase "${desired.phase}" would write over the converted guest`,
    nextSteps: ['set spec.phase: cutover, which then has nothing to do', 'or delete the volumes to begin again'],
  });
