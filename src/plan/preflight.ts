import type { DiagnosticCode } from '../diag/catalog.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { DesiredMigration, VmSelector } from '../model/desired.js';
import type { ObservedDisk, ObservedMigration, ObservedVm, VmLookup } from '../model/observed.js';
import { wasReverted } from './foreign-snapshot.js';
import { blockerDiagnostic } from './scene.js';

/** What the source itself forbids: no such VM, a state that cannot be snapshotted, disks no snapshot holds. */
export function sourceDiagnostics(desired: DesiredMigration, observed: ObservedMigration): Diagnostic[] {
  const { source } = observed;
  if (source.kind !== 'found') return [notFound(desired, source)];
  const { vm } = source;
  const error = problem(desired);
  return [
    ...vm.obstacles.map((why) => error({ code: 'MP2011', detail: why, field: 'spec.source' })),
    ...(vm.disks.length === 0 ? [error({ code: 'MP2011', detail: 'the VM has no disks', field: 'spec.source' })] : []),
    ...vm.disks.flatMap((disk) => diskProblems(desired, disk)),
    ...trackingProblems(desired, vm),
    ...foreignRunWarnings(desired, observed, vm),
    ...historyWarnings(desired, observed, vm),
  ];
}

interface Problem {
  readonly code: DiagnosticCode;
  readonly detail: string;
  readonly nextSteps?: readonly string[];
  readonly field?: string;
}

const problem =
  (desired: DesiredMigration, address = desired.address) =>
  ({ nextSteps = [], ...rest }: Problem): Diagnostic =>
    blockerDiagnostic(desired, address, { nextSteps, ...rest });

function notFound(desired: DesiredMigration, lookup: Exclude<VmLookup, { kind: 'found' }>): Diagnostic {
  const selector = desired.source.vm;
  const name = selectorText(selector);
  const isServer = selector.kind === 'server';
  const field = isServer ? 'spec.source.server' : 'spec.source.vm';
  if (lookup.kind === 'ambiguous') {
    return problem(desired)({
      code: 'MP2004',
      detail: `${lookup.candidates.length} VMs answer to ${name}: ${lookup.candidates.join(', ')}`,
      nextSteps: [isServer ? 'write the id of one of them' : 'write the full inventory path, or instanceUuid'],
      field,
    });
  }
  return problem(desired)({
    code: 'MP2003',
    detail: `${desired.source.provider} has no ${isServer ? '' : 'VM '}${name}`,
    nextSteps:
      lookup.nearest.length > 0
        ? [`did you mean ${lookup.nearest.join(' or ')}?`]
        : [isServer ? 'check the name, and the project of the provider' : 'check the path in vCenter'],
    field,
  });
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

function diskProblems(desired: DesiredMigration, disk: ObservedDisk): Diagnostic[] {
  const error = problem(desired, `${desired.address}/disk/${disk.key}`);
  if (disk.unsupported !== undefined) return [error({ code: 'MP2010', detail: `${disk.label}: ${disk.unsupported}` })];
  if (disk.inSnapshots) return [];
  return [
    error({
      code: 'MP2009',
      detail: `${disk.label} is independent: no snapshot freezes it, so it has no consistent image and no changed blocks`,
      nextSteps: ['power the VM off, set the disk mode to dependent in vCenter, power it on, and plan again'],
    }),
  ];
}

function trackingProblems(desired: DesiredMigration, { cbt, snapshots, cloud }: ObservedVm): Diagnostic[] {
  if (!desired.cbtSync || cloud !== undefined) return [];
  const error = problem(desired);
  if (!cbt.supported) {
    return [
      error({
        code: 'MP2005',
        detail: 'this VM does not support changed block tracking (hardware version 7 or later is needed)',
        nextSteps: ['migrate it cold: phase: cutover, cbtSync: false'],
        field: 'spec.cbtSync',
      }),
    ];
  }
  if (cbt.enabled || snapshots.length === 0) return [];
  return [
    error({
      code: 'MP2025',
      detail:
        `changed block tracking is off and the VM has ${snapshots.length} snapshot(s) (${snapshots.map(({ name }) => name).join(', ')}); ` +
        'switched on now it would silently miss writes',
      nextSteps: ['delete or consolidate the snapshots in vCenter, then plan again'],
      field: 'spec.cbtSync',
    }),
  ];
}

/** Snapshots with our name that this machine knows nothing of: another host's run, or one that died elsewhere. */
function foreignRunWarnings(desired: DesiredMigration, { local }: ObservedMigration, vm: ObservedVm): Diagnostic[] {
  return vm.snapshots
    .filter(({ ref, name }) => name.startsWith('migplan-') && !local.ownSnapshots.includes(ref))
    .map(({ ref, name, createdAt }) => ({
      severity: 'warning',
      code: 'MP2024',
      address: desired.address,
      detail: `snapshot ${name} (${ref}, ${createdAt}) was left by a migplan run that this machine does not know`,
      nextSteps: ['if that run is dead, remove the snapshot on the source'],
    }));
}

/** What happened to the VM since its last sync that no disk shows by itself. */
function historyWarnings(desired: DesiredMigration, { volumes }: ObservedMigration, vm: ObservedVm): Diagnostic[] {
  const warning = (code: DiagnosticCode, detail: string, nextSteps: readonly string[]): Diagnostic => ({
    ...problem(desired)({ code, detail, nextSteps }),
    severity: 'warning',
  });
  const present = new Set(vm.disks.map(({ key }) => String(key)));
  const removed = Object.entries(volumes).filter(([key, found]) => !present.has(key) && found.length > 0);
  const records = Object.values(volumes).flatMap((found) =>
    found.flatMap(({ reading }) =>
      reading.kind === 'record' && reading.record.state.kind !== 'converted' ? [reading.record] : [],
    ),
  );
  const gone = [...new Set(records.map((record) => record.foreignSnapshot))].filter((ref) => wasReverted(vm, ref) === 'maybe');
  return [
    ...removed.map(([key, [volume]]) =>
      warning(
        'MP2022',
        `disk ${key} was synced to volume ${volume!.id} and is not part of the VM any more; the target goes without it`,
        [
          'if it was taken off by mistake (some backup products do), attach it again before the cutover',
          `else delete volume ${volume!.id}`,
        ],
      ),
    ),
    ...gone.map((ref) =>
      warning(
        'MP2028',
        `snapshot ${ref} was there at the last sync and is gone; if the VM was reverted before it was deleted, a delta misses what was undone`,
        ['if it was only deleted, nothing is lost; else set spec.reseed: once'],
      ),
    ),
  ];
}
