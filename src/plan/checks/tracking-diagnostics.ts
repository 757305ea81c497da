import type { SnapshotRef } from '../../model/ids.js';
import type { ObservedSnapshot } from '../../model/observed-source.js';
import { isOwnSnapshot } from '../../model/own-names.js';
import type { PlanContext } from '../core/plan-context.js';
import type { TargetProblem } from '../core/target-problem.js';
import { resetTrackingSteps, untrackedIn } from './tracking-age.js';

/** Whether deltas are possible and complete, where they are wanted; what it costs where they are not. */
export function changeTracking(context: PlanContext): TargetProblem[] {
  const { desired, vm } = context;
  if (vm.traits.tracking === 'none' || isBeingConverted(context)) return [];
  if (!desired.cbtSync) return repeatedCopies(context);
  if (desired.cutover && desired.finalSync === 'skip') return [];
  const problems = [...cannotTrack(context), ...youngTracking(context)];
  return problems.length > 0 ? problems : olderSnapshots(context);
}

/** By the disks that the VM has: a volume that one of them left behind says nothing of the others. */
const isBeingConverted = ({ disks }: PlanContext): boolean =>
  disks.some(({ assessment }) => assessment.kind === 'committing' || assessment.kind === 'converted');

function cannotTrack({ vm: { cbt, snapshots } }: PlanContext): TargetProblem[] {
  if (!cbt.supported) {
    return [
      {
        code: 'MP2005',
        detail: 'this VM does not support changed block tracking (hardware version 7 or later is needed)',
        nextSteps: ['migrate it cold: phase: cutover, cbtSync: false'],
        field: 'spec.cbtSync',
      },
    ];
  }
  if (cbt.enabled || snapshots.length === 0) return [];
  return [
    {
      code: 'MP2025',
      detail:
        `changed block tracking is off and the VM has ${snapshots.length} snapshot(s) (${namesOf(snapshots)}); ` +
        'switched on now it would silently miss writes',
      nextSteps: ['delete or consolidate the snapshots in vCenter, then plan again'],
      field: 'spec.cbtSync',
    },
  ];
}

/** Tracking is on, by whoever's hand, and younger than a snapshot: what it says is incomplete. */
function youngTracking({ desired, observed: { local }, vm }: PlanContext): TargetProblem[] {
  if (!vm.cbt.enabled) return [];
  const own = new Set<SnapshotRef>(local.ownSnapshots);
  const others = vm.snapshots.filter(({ ref }) => !own.has(ref));
  const frozen = vm.disks.filter(({ inSnapshots, unsupported }) => inSnapshots && unsupported === undefined);
  const waiting = others.length === 0 ? [] : frozen.filter(({ changeId }) => changeId === undefined);
  const keys = frozen.filter((disk) => !waiting.includes(disk)).map(({ key }) => key);
  const problem = (disk: number, detail: string): TargetProblem => ({
    code: 'MP2044',
    address: `${desired.address}/disk/${disk}`,
    detail,
    nextSteps: resetTrackingSteps,
    field: 'spec.cbtSync',
  });
  return [
    ...waiting.map(({ key }) =>
      problem(
        key,
        `changed block tracking is switched on and not active yet, and the VM has snapshots (${namesOf(others)}); once active it would silently miss writes`,
      ),
    ),
    ...untrackedIn(vm, keys, own).map(({ disk, snapshot: { name, ref } }) =>
      problem(
        disk,
        `changed block tracking was switched on while snapshot "${name}" (${ref}) existed: it silently misses writes, so no delta is complete`,
      ),
    ),
  ];
}

/** Told while it costs nothing to delete them. */
function olderSnapshots({ desired, observed: { local }, vm }: PlanContext): TargetProblem[] {
  const own = new Set<SnapshotRef>(local.ownSnapshots);
  const others = vm.snapshots.filter((one) => !own.has(one.ref) && !isOwnSnapshot(one));
  if (desired.cutover || others.length === 0) return [];
  return [
    {
      code: 'MP2046',
      detail: `the VM has ${others.length} snapshot(s) (${namesOf(others)}): after it was powered off, nobody can tell whether it was reverted, and its next sync is refused`,
      nextSteps: ['delete them in vCenter before this sync, if they are not needed'],
      severity: 'warning',
    },
  ];
}

/** Nobody can tell whether a VM that is off ran since its copy was completed. Who knows that it did not can say so. */
function repeatedCopies({ desired, disks, vm }: PlanContext): TargetProblem[] {
  if (!desired.cutover || vm.power !== 'off') return [];
  const complete = disks.filter(
    ({ assessment }) =>
      assessment.kind === 'full' &&
      assessment.reason !== 'reseed' &&
      assessment.volume.reading.kind === 'record' &&
      assessment.volume.reading.record.state.kind === 'clean',
  );
  if (complete.length === 0) return [];
  return [
    {
      code: 'MP2047',
      detail: `${complete.length === 1 ? 'a complete copy is' : `${complete.length} complete copies are`} made again: without changed block tracking nobody can tell whether the VM ran since`,
      nextSteps: ['if nobody started it since, set spec.finalSync: skip: the volumes are converted as they are'],
      field: 'spec.finalSync',
      severity: 'warning',
    },
  ];
}

const namesOf = (snapshots: readonly ObservedSnapshot[]): string => snapshots.map(({ name }) => name).join(', ');
