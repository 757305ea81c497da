import type { DiagnosticCode } from '../../diag/catalog.js';
import type { Diagnostic } from '../../diag/diagnostic.js';
import type { DesiredMigration, VmSelector } from '../../model/desired.js';
import type { ObservedDisk, VmLookup } from '../../model/observed-source.js';
import { isOwnSnapshot } from '../../model/own-names.js';
import { adoptCopy } from '../core/adopt-copy.js';
import { blockerDiagnostic, type PlanContext } from '../core/plan-context.js';
import type { TargetProblem } from '../core/target-problem.js';

/** Without its VM nothing of a migration can be judged. */
export const notFoundDiagnostic = (desired: DesiredMigration, lookup: Exclude<VmLookup, { kind: 'found' }>): Diagnostic => {
  const { nextSteps = [], ...rest } = notFound(desired, lookup);
  return blockerDiagnostic(desired, desired.address, { nextSteps, ...rest });
};

/** A state that cannot be snapshotted. */
export function sourceState({ vm }: PlanContext): TargetProblem[] {
  return [
    ...vm.obstacles.map((why): TargetProblem => ({ code: 'MP2011', detail: why, field: 'spec.source' })),
    ...(vm.disks.length === 0 ? [{ code: 'MP2011', detail: 'the VM has no disks', field: 'spec.source' } as const] : []),
  ];
}

function notFound(desired: DesiredMigration, lookup: Exclude<VmLookup, { kind: 'found' }>): TargetProblem {
  const selector = desired.source.vm;
  const name = selectorText(selector);
  const isServer = selector.kind === 'server';
  const field = isServer ? 'spec.source.server' : 'spec.source.vm';
  if (lookup.kind === 'ambiguous') {
    return {
      code: 'MP2004',
      detail: `${lookup.candidates.length} VMs answer to ${name}: ${lookup.candidates.join(', ')}`,
      nextSteps: [isServer ? 'write the id of one of them' : 'write the full inventory path, or instanceUuid'],
      field,
    };
  }
  return {
    code: 'MP2003',
    differs: { before: { vm: name }, after: null },
    detail: `${desired.source.provider} has no ${isServer ? '' : 'VM '}${name}`,
    nextSteps: [
      lookup.nearest.length > 0 ? `did you mean ${lookup.nearest.join(' or ')}?` : lookup.check,
      'if it was migrated and deleted since, take its manifest away',
    ],
    field,
  };
}

function selectorText(selector: VmSelector): string {
  switch (selector.kind) {
    case 'path':
      return `"${selector.path}"`;
    case 'instanceUuid':
      return `with instanceUuid ${selector.instanceUuid}`;
    case 'moref':
      return selector.moref;
    case 'server':
      return `server "${selector.server}"`;
  }
}

/** Disks that no snapshot holds, or that cannot be read. */
export const sourceDisks = ({ desired, vm }: PlanContext): TargetProblem[] =>
  vm.disks.flatMap((disk) => diskProblems(disk).map((found) => ({ ...found, address: `${desired.address}/disk/${disk.key}` })));

function diskProblems(disk: ObservedDisk): TargetProblem[] {
  if (disk.unsupported !== undefined) return [{ code: 'MP2010', detail: `${disk.label}: ${disk.unsupported}` }];
  if (disk.inSnapshots) return [];
  return [
    {
      code: 'MP2009',
      detail: `${disk.label} is independent: no snapshot freezes it, so it has no consistent image and no changed blocks`,
      nextSteps: ['power the VM off, set the disk mode to dependent in vCenter, power it on, and plan again'],
    },
  ];
}

/** Snapshots with our name that this machine knows nothing of: another host's run, or one that died elsewhere. */
export function foreignRuns({ observed: { local }, vm }: PlanContext): TargetProblem[] {
  return vm.snapshots
    .filter((one) => isOwnSnapshot(one) && !local.ownSnapshots.includes(one.ref))
    .map(({ ref, name, createdAt }) => ({
      severity: 'warning',
      code: 'MP2024',
      detail: `snapshot ${name} (${ref}, ${createdAt}) was left by a migplan run that this machine does not know`,
      nextSteps: [...adoptCopy(local), 'if that run is dead, remove the snapshot on the source'],
    }));
}

/** What happened to the VM since its last sync that no disk shows by itself. */
export function sourceHistory({ observed: { volumes }, vm }: PlanContext): TargetProblem[] {
  const warning = (code: DiagnosticCode, detail: string, more: Pick<TargetProblem, 'nextSteps' | 'differs'>): TargetProblem => ({
    code,
    detail,
    ...more,
    severity: 'warning',
  });
  const present = new Set(vm.disks.map(({ key }) => String(key)));
  const removed = Object.entries(volumes).filter(([key, found]) => !present.has(key) && found.length > 0);
  return [
    ...removed.map(([key, [volume]]) =>
      warning(
        'MP2022',
        `disk ${key} was synced to volume ${volume!.id} and is not part of the VM any more; the target goes without it`,
        {
          differs: { before: { disk: Number(key) }, after: { disk: null } },
          nextSteps: [
            'if it was taken off by mistake (some backup products do), attach it again before the cutover',
            `else delete volume ${volume!.id}`,
          ],
        },
      ),
    ),
  ];
}
