import { type ExitName, exitCodes } from '../../diag/exit-codes.js';
import type { RunRecord } from '../../engine/runs/run-record.js';
import { formatSeconds } from '../../model/format.js';

/** Those that an apply can end with. */
const ENDS: Readonly<Partial<Record<ExitName, string>>> = {
  ok: 'done',
  error: 'failed',
  planRefused: 'refused',
  lockHeld: 'locked',
  incomplete: 'incomplete',
  hungUp: 'interrupted (SIGHUP)',
  interrupted: 'interrupted (Ctrl-C)',
  terminated: 'interrupted (SIGTERM)',
};

/** How a run ended, or that it has not. */
export function endText({ status, exit }: Pick<RunRecord, 'status' | 'exit'>): string {
  if (status !== 'ended') return status === 'unknown' ? 'cannot be told from here' : status;
  const name = (Object.keys(exitCodes) as ExitName[]).find((one) => exitCodes[one] === exit);
  return (name && ENDS[name]) ?? 'ended';
}

/** `2026-06-01 12:34:56 UTC`. */
export const timeText = (iso: string): string => (iso === '' ? '-' : `${iso.slice(0, 19).replace('T', ' ')} UTC`);

/** Between two instants; of a run that goes on, until now. */
export const tookText = (startedAt: string, endedAt: string): string =>
  formatSeconds((Date.parse(endedAt) - Date.parse(startedAt)) / 1000);

type Lasting = Pick<RunRecord, 'status' | 'endedAt'>;

/** Until when a run is known to have been at work; undefined where only its journal tells. */
export function untilOf(run: Lasting & Pick<RunRecord, 'lastAt'>, now: Date): string;
export function untilOf(run: Lasting & Partial<Pick<RunRecord, 'lastAt'>>, now: Date): string | undefined;
export function untilOf({ status, endedAt, lastAt }: Lasting & { readonly lastAt?: string }, now: Date): string | undefined {
  return endedAt ?? (status === 'running' ? now.toISOString() : lastAt);
}
