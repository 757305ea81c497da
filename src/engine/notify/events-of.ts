import type { MigrationOutcome } from '../../apply/migration-outcome.js';
import type { DiagnosticCode } from '../../diag/catalog.js';
import type { Diagnostic } from '../../diag/diagnostic.js';
import { exitCodes } from '../../diag/exit-codes.js';
import type { NotifyEvent } from '../../model/notify-events.js';

/** How an apply ended, as far as it came. */
export interface EndedApply {
  /** Of the process; a code of diag/exit-codes.ts. */
  readonly exit: number;
  /** Absent: nothing was begun. */
  readonly run?: string;
  readonly plan?: { readonly id: string; readonly digest: string };
  readonly outcomes: readonly MigrationOutcome[];
  /** Why it ended as a whole. */
  readonly diagnostics: readonly Diagnostic[];
  /** Written to volumes. */
  readonly bytes: number;
  readonly seconds: number;
}

const WAITING: readonly DiagnosticCode[] = ['MP3008', 'MP3010', 'MP3023'];
/** Whoever says no is at the terminal. */
const SAID_NO: DiagnosticCode = 'MP3012';

/** All that is true of it. Something may have failed while something else waits for approval. */
export function eventsOf({ exit, run, outcomes, diagnostics }: EndedApply): NotifyEvent[] {
  if (exit === exitCodes.ok) return [run === undefined ? 'unchanged' : 'finished'];
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.some(({ code }) => code === SAID_NO)) return [];
  const isWaiting = ({ code }: Diagnostic): boolean => WAITING.includes(code);
  const waits = outcomes.some(({ result }) => result === 'not-approved') || errors.some(isWaiting);
  const isOnlyWaiting =
    waits &&
    outcomes.every(({ result }) => result === 'done' || result === 'not-approved') &&
    errors.every(isWaiting) &&
    !isStopped(exit);
  return [...(isOnlyWaiting ? [] : (['failed'] as const)), ...(waits ? (['needs-approval'] as const) : [])];
}

const isStopped = (exit: number): boolean =>
  exit === exitCodes.interrupted || exit === exitCodes.terminated || exit === exitCodes.hungUp;
