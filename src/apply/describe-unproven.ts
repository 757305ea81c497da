import { type Diagnostic, DiagnosticsError } from '../diag/diagnostic.js';
import { isInterruption } from '../host/interruption.js';
import type { DiskKey } from '../model/ids.js';
import { errorDiagnostics } from './error-diagnostics.js';
import type { ApplyContext } from './handler.js';

/** What was said of a disk whose ends could not be read. */
export const describeUnread = (told: Diagnostic): Diagnostic => ({
  ...told,
  code: 'MP8005',
  detail: `the first and the last sector could not both be read: ${told.detail}`,
});

/** A disk of a VM that still runs could not be read: the reason, and that nothing was stopped. Anything else stays as it is. */
export function describeUnproven(error: unknown, { desired, signal }: ApplyContext, disk: DiskKey): unknown {
  if (isInterruption(error, signal)) return error;
  const told = errorDiagnostics(error, `${desired.address}/disk/${disk}`);
  if (told === undefined) return error;
  return new DiagnosticsError(
    told.map(describeUnread).map((one) => ({ ...one, detail: `${one.detail}; the VM was left running` })),
    { cause: error },
  );
}
