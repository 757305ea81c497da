import type { Diagnostic } from '../../diag/diagnostic.js';
import { formatSeconds } from '../../model/format.js';
import type { ObservedLocal } from '../../model/observed.js';
import type { Action } from '../core/action.js';
import { copiesOf, cutoverOf, powersOff } from '../core/action-table.js';
import { blockerDiagnostic, type PlanContext } from '../core/plan-context.js';

/**
 * limits.downtime is judged by a delta that was measured while the guest ran. A whole disk that is copied after the power-off
 * has no such measure, so the limit could not be kept: better blocked than ignored.
 */
export function downtimeProblems({ desired }: PlanContext, actions: readonly Action[]): Diagnostic[] {
  const limit = desired.limits.downtimeSeconds;
  const off = actions.findIndex(powersOff);
  if (limit === undefined || off < 0) return [];
  const full = actions
    .slice(off)
    .flatMap(copiesOf)
    .filter(({ mode }) => mode === 'full');
  if (full.length === 0) return [];
  return [
    blockerDiagnostic(desired, desired.address, {
      code: 'MP2080',
      detail:
        `limits.downtime is ${formatSeconds(limit)}, and disk ${full.map(({ disk }) => disk).join(', ')} would be copied whole while the VM is off: ` +
        'nobody knows how long that takes',
      nextSteps: [
        'write spec.limits.downtime: null to cut over without that limit',
        'or take a source and phase that leave a delta only: spec.cbtSync: true',
      ],
      field: 'spec.limits.downtime',
    }),
  ];
}

/**
 * Seconds that copies take which begin in this order, so many at a time: what a next one of the same disks will take as well.
 */
export function secondsTogether(copies: readonly number[], atOnce: number): number {
  const lanes = Array.from({ length: Math.max(1, atOnce) }, () => 0);
  for (const seconds of copies) {
    const free = lanes.indexOf(Math.min(...lanes));
    lanes[free]! += seconds;
  }
  return Math.max(...lanes);
}

/** What is known beforehand of how long a VM stays off. Conversion and start are measured by nobody before: they come on top. */
export interface DowntimeEstimate {
  /** The copy after the power-off. delta: only what the guest wrote last; full: whole disks; none: nothing is copied any more. */
  readonly copy: 'delta' | 'full' | 'none';
  /** What the last delta of the same disks took. Absent: none of some disk was measured yet. */
  readonly lastDeltaSeconds?: number;
  /** Of the whole disks. */
  readonly fullBytes?: number;
  readonly converts: boolean;
}

/** undefined: the VM is not powered off. */
export function downtimeEstimate(
  actions: readonly Action[],
  { deltaHistory }: Pick<ObservedLocal, 'deltaHistory'>,
  atOnce: number,
): DowntimeEstimate | undefined {
  const off = actions.findIndex(powersOff);
  if (off < 0) return undefined;
  const after = actions.slice(off);
  const disks = after.flatMap(copiesOf);
  const converts = after.some((action) => cutoverOf(action) === 'converts');
  const full = disks.filter(({ mode }) => mode === 'full');
  if (full.length > 0) return { copy: 'full', fullBytes: full.reduce((sum, { capacity }) => sum + capacity, 0), converts };
  if (disks.length === 0) return { copy: 'none', converts };
  const measured = disks.map(({ disk }) => deltaHistory[String(disk)]?.[0]?.seconds);
  const seconds = measured.filter((one) => one !== undefined);
  const isKnown = seconds.length === disks.length;
  return { copy: 'delta', ...(isKnown ? { lastDeltaSeconds: Math.round(secondsTogether(seconds, atOnce)) } : {}), converts };
}
