import type { MigrationOutcome } from '../apply/migration-outcome.js';
import type { MigrationResult } from '../apply/migration-result.js';
import { exitCodes } from '../diag/exit-codes.js';

/** How a run is stopped from outside. */
export interface Stopping {
  /** Aborted: what is being done is stopped in order, and given back. */
  readonly signal: AbortSignal;
  /** What the process ends with once `signal` is aborted. */
  readonly stoppedExit: () => number;
}

/**
 * How a run ends that was not interrupted. Where the last look refused the plan before anything was done, a new one is needed, as
 * where the first did; where all that is left is what others work on, waiting helps; else the same plan goes on.
 */
export function exitOf(outcomes: readonly MigrationOutcome[]): number {
  const results = [...new Set(outcomes.map(({ result }) => result))];
  const areAll = (...some: readonly MigrationResult[]): boolean => results.every((result) => some.includes(result));
  if (areAll('done')) return exitCodes.ok;
  if (areAll('done', 'locked')) return exitCodes.lockHeld;
  return results.includes('refused') && areAll('refused', 'blocked') ? exitCodes.planRefused : exitCodes.incomplete;
}

/** All that was left to do may be done although somebody said stop. */
export function exitAfter(outcomes: readonly MigrationOutcome[], { signal, stoppedExit }: Stopping): number {
  const code = exitOf(outcomes);
  return code === exitCodes.ok || !signal.aborted ? code : stoppedExit();
}
