import { DiagnosticsError } from '../diag/diagnostic.js';
import { exitCodes } from '../diag/exit-codes.js';
import { LockHeldError } from '../state/lock.js';

/** What a process ends with that this error ended. */
export function exitOfError(error: unknown): number {
  if (error instanceof LockHeldError) return exitCodes.lockHeld;
  if (error instanceof DiagnosticsError && error.exit !== undefined) return error.exit;
  return exitCodes.error;
}
