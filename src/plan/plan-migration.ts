import type { Diagnostic } from '../diag/diagnostic.js';
import { hasErrors } from '../diag/diagnostic.js';
import type { DesiredMigration } from '../model/desired.js';
import type { DiskKey } from '../model/ids.js';
import type { ObservedMigration } from '../model/observed.js';
import { judgeScene, type Ran } from './checks/judge.js';
import { hotPlugWarnings } from './checks/server-hot-plug.js';
import { notFoundDiagnostic } from './checks/source-checks.js';
import type { Action } from './core/action.js';
import { blockerDiagnostic, type JudgedDisk, type Scene } from './core/scene.js';
import { sceneOf } from './core/scene-of.js';
import { isServerWanted } from './core/server-wanted.js';
import { bootDiskNote, diskOrder } from './cutover/disk-order.js';
import { downtimeProblems } from './cutover/downtime.js';
import { overlayMissing } from './cutover/overlay-missing.js';
import { planConversion, planServer } from './cutover/plan-cutover.js';
import { machineTypeDrift, machineTypeNotes, planImageMetadata } from './cutover/plan-image-metadata.js';
import { serverDrift } from './cutover/server-drift.js';
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
}

/** Pure: the same values always give the same plan. */
export function planMigration(desired: DesiredMigration, observed: ObservedMigration, { now, ran }: PlanOptions): MigrationPlan {
  const { address } = desired;
  const none = { address, actions: [], notes: [] };
  if (observed.source.kind !== 'found') return { ...none, diagnostics: [notFoundDiagnostic(desired, observed.source)] };
  const scene = sceneOf(desired, observed, { vm: observed.source.vm, now });
  const found = judgeScene(scene, 'source', ran);
  if (hasErrors(found)) return { ...none, diagnostics: found };
  const { disks } = scene;
  if (disks.every(({ verdict }) => verdict.kind === 'converted')) return planConverted(scene);

  const diagnostics = [...found, ...judgeScene(scene, 'target', ran)];
  if (hasErrors(diagnostics)) return { ...none, diagnostics };
  const conversionBegan = disks.some(({ verdict }) => verdict.kind === 'committing' || verdict.kind === 'converted');
  return conversionBegan ? planRollForward(scene, diagnostics) : planWork(scene, diagnostics);
}

function planWork(scene: Scene, found: readonly Diagnostic[]): MigrationPlan {
  const { desired } = scene;
  const syncs: SyncPlan = scene.vm.traits.tracking === 'none' ? planCopies(scene) : planSyncs(scene);
  const diagnostics = [...found, ...syncs.diagnostics, ...downtimeProblems(scene, syncs.actions)];
  if (hasErrors(diagnostics)) return { address: desired.address, actions: [], diagnostics, notes: [] };
  const image = planImageMetadata(scene);
  const work = [
    ...syncs.before,
    ...image,
    ...syncs.actions,
    ...(desired.cutover ? [...planConversion(scene), ...planServer(scene)] : []),
  ];
  const actions = [...cleanup(scene, work), ...work];
  const notes = [
    ...(actions.length === 0 ? syncs.notes : []),
    ...machineTypeNotes(scene),
    ...(desired.cutover ? bootDiskNote(scene) : []),
  ];
  return { address: desired.address, actions, diagnostics, notes };
}

/** Nothing but forward: some overlay is being merged, or has been. */
function planRollForward(scene: Scene, found: readonly Diagnostic[]): MigrationPlan {
  const { desired, disks, observed } = scene;
  const { address } = desired;
  if (scene.vm.traits.conversion === 'none') return planSealRest(scene, found);
  const committing = disks.flatMap(({ verdict }) => (verdict.kind === 'committing' ? [verdict] : []));
  const run = committing[0]?.run;
  const begunElsewhere = disks.some(({ verdict }) => !['committing', 'converted', 'delta', 'complete'].includes(verdict.kind));
  if (run === undefined || begunElsewhere || !observed.local.overlayRuns.includes(run)) {
    return { address, actions: [], diagnostics: [...found, overlayMissing(scene)], notes: [] };
  }
  if (!desired.cutover) return { address, actions: [], diagnostics: [...found, convertedButNotAsked(scene)], notes: [] };
  const work: Action[] = [{ kind: 'commit-conversion', disks: diskOrder(scene), run }, ...planServer(scene)];
  const actions = [...cleanup(scene, work), ...work];
  return { address, actions, diagnostics: found, notes: [] };
}

/** A copied server whose records were being made final. */
function planSealRest(scene: Scene, found: readonly Diagnostic[]): MigrationPlan {
  const { address } = scene.desired;
  const obstacle = scene.desired.cutover ? finalizeObstacle(scene) : convertedButNotAsked(scene);
  if (obstacle !== undefined) return { address, actions: [], diagnostics: [...found, obstacle], notes: [] };
  const work = [...planImageMetadata(scene), ...planConversion(scene), ...planServer(scene)];
  const actions = [...cleanup(scene, work), ...work];
  return { address, actions, diagnostics: found, notes: [] };
}

function planConverted(scene: Scene): MigrationPlan {
  const { desired, observed } = scene;
  const { address } = desired;
  if (!desired.cutover) return { address, actions: [], diagnostics: [convertedButNotAsked(scene)], notes: [] };
  const wantsServer = isServerWanted(desired, observed.server);
  // What is being built has its name, ports and machine type already: it is only waited for.
  const isBuilt = observed.server?.status === 'BUILD';
  const diagnostics = wantsServer
    ? [...sourceRunsAgain(scene, 'error'), ...(isBuilt ? [] : judgeScene(scene, 'target'))]
    : [
        ...sourceRunsAgain(scene, 'warning'),
        ...serverWarnings(scene),
        ...serverDrift(scene),
        ...hotPlugWarnings(scene),
        ...machineTypeDrift(scene),
      ];
  if (hasErrors(diagnostics)) return { address, actions: [], diagnostics, notes: [] };
  const work = wantsServer ? [...(isBuilt ? [] : planImageMetadata(scene)), ...planServer(scene)] : [];
  const actions = [...cleanup(scene, work), ...work];
  return { address, actions, diagnostics, notes: ['Volume already converted'] };
}

/** Two of one guest must never run: what the source writes now is on no volume. Where nothing is left to do it can only be told. */
function sourceRunsAgain({ desired, vm }: Scene, severity: Diagnostic['severity']): Diagnostic[] {
  if (vm.power === 'off') return [];
  return [
    {
      ...blockerDiagnostic(desired, desired.address, {
        code: 'MP2023',
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

const serverWarnings = ({ desired, observed: { server } }: Scene): Diagnostic[] =>
  server === undefined || server.status === 'ACTIVE'
    ? []
    : [
        {
          severity: 'warning',
          code: 'MP2026',
          address: `${desired.address}/server`,
          detail: `server ${server.name} (${server.id}) is in status ${server.status}`,
          nextSteps: [`openstack server show ${server.id}`],
        },
      ];

/** `next`: what is done after it. A volume that is on the conversion host already, and will be written, stays there. */
function cleanup({ observed: { source, local, conversionHost }, disks }: Scene, next: readonly Action[]): Action[] {
  const own = new Set<string>(local.ownAttachments);
  const written = writtenDisks(next);
  const attachments = disks.flatMap(({ disk, verdict }) =>
    'volume' in verdict
      ? verdict.volume.attachments
          .filter(({ id, server }) => {
            const isInPlace = conversionHost !== undefined && server === conversionHost.server && written.has(disk.key);
            return own.has(id) && !isInPlace;
          })
          .map(({ id }): Action => ({ kind: 'release-attachment', disk: disk.key, volume: verdict.volume.id, attachment: id }))
      : [],
  );
  const existing = source.kind === 'found' ? source.vm.snapshots.map(({ ref }) => ref) : [];
  const snapshots = local.ownSnapshots
    .filter((ref) => existing.includes(ref))
    .map((snapshot): Action => ({ kind: 'release-snapshot', snapshot }));
  return [...attachments, ...snapshots, ...staleOverlays(local.overlayRuns, disks)];
}

const writtenDisks = (actions: readonly Action[]): ReadonlySet<DiskKey> =>
  new Set(
    actions.flatMap((action) => {
      if (action.kind === 'sync') return action.disks.map(({ disk }) => disk);
      return action.kind === 'convert' || action.kind === 'commit-conversion' ? action.disks : [];
    }),
  );

/** An overlay is worth keeping only while it is being merged. */
function staleOverlays(runs: readonly string[], disks: readonly JudgedDisk[]): Action[] {
  const merging = disks.flatMap(({ verdict }) => (verdict.kind === 'committing' ? [verdict.run] : []));
  const stale = runs.filter((run) => !merging.includes(run));
  return stale.length === 0 ? [] : [{ kind: 'discard-overlays', runs: stale, disks: disks.map(({ disk }) => disk.key) }];
}

const convertedButNotAsked = ({ desired }: Scene): Diagnostic =>
  blockerDiagnostic(desired, desired.address, {
    code: 'MP2002',
    detail: `Volume already converted: phase "${desired.phase}" would write over the converted guest`,
    nextSteps: ['set spec.phase: cutover, which then has nothing to do', 'or delete the volumes to begin again'],
  });
