import type { Diagnostic } from '../../diag/diagnostic.js';
import { formatSeconds } from '../../model/format.js';
import type { Action } from '../core/action.js';
import { blockerDiagnostic, type PlanContext } from '../core/plan-context.js';

/**
 * limits.downtime is judged by a delta that was measured while the guest ran. A whole disk that is copied after the power-off
 * has no such measure, so the limit could not be kept: better blocked than ignored.
 */
export function downtimeProblems({ desired }: PlanContext, actions: readonly Action[]): Diagnostic[] {
  const limit = desired.limits.downtimeSeconds;
  const off = actions.findIndex(({ kind }) => kind === 'power-off');
  if (limit === undefined || off < 0) return [];
  const full = actions
    .slice(off)
    .flatMap((action) => (action.kind === 'sync' ? action.disks.filter(({ mode }) => mode === 'full') : []));
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
