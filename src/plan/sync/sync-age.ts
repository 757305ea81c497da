import { formatSeconds } from '../../model/format.js';
import type { PlanContext } from '../core/plan-context.js';

/** Seconds since 1970: when the snapshot was taken that all disks were last synced from; undefined where the records do not say. */
function syncedAt({ disks }: PlanContext): number | undefined {
  const times = disks.map(({ assessment }) => {
    const reading = 'volume' in assessment ? assessment.volume.reading : undefined;
    return reading?.kind === 'record' && reading.record.state.kind === 'clean' ? reading.record.state.takenAt : undefined;
  });
  return times.reduce(
    (oldest, time) => (oldest === undefined || time === undefined ? undefined : Math.min(oldest, time)),
    Infinity,
  );
}

/**
 * Seconds since 1970: when the next sync is due; -Infinity where that cannot be told. Another machine may have synced last: a time that is
 * still to come here is none, since one of the clocks is wrong and nobody knows which.
 */
export function dueAt(context: PlanContext): number {
  const maxAge = context.desired.syncMaxAgeSeconds;
  const last = syncedAt(context);
  const isPast = last !== undefined && last <= context.now.getTime() / 1000;
  return maxAge === undefined || !isPast ? Number.NEGATIVE_INFINITY : last + maxAge;
}

/** Of times and not of ages: two plans of the same state say the same. */
export const syncedText = (context: PlanContext): string => {
  const maxAge = context.desired.syncMaxAgeSeconds ?? 0;
  const due = dueAt(context);
  return `Up to date: synced at ${timeText(due - maxAge)}, due again at ${timeText(due)} (sync.maxAge ${formatSeconds(maxAge)})`;
};

const timeText = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
