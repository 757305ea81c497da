import { DiagnosticsError } from '../diag/diagnostic.js';
import { NoOutput } from '../host/output-file.js';

/** What the system, or the kind of thing that stands there, does not let us write; anything else is left as it is. */
export function unwritable(error: unknown, nextStep: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!(error instanceof NoOutput) && code === undefined) return error;
  return new DiagnosticsError([{ severity: 'error', code: 'MP1020', detail: message, nextSteps: [nextStep] }], { cause: error });
}
