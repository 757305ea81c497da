import type { DiagnosticCode } from '../diag/catalog.js';
import { type Diagnostic, DiagnosticsError } from '../diag/diagnostic.js';
import type { ApplyContext } from './handler.js';
import type { Note } from './note.js';

/** A reason not to go on with a guest. */
export interface Refusal {
  readonly code: DiagnosticCode;
  readonly detail: string;
  readonly nextSteps: readonly string[];
}

export interface Judgement {
  readonly refusals: readonly Refusal[];
  readonly notes: readonly Note[];
}

/** Tells the notes; throws DiagnosticsError when anything is refused. `state`: how things stand then. */
export function heed({ refusals, notes }: Judgement, { desired: { address }, emit }: ApplyContext, state: string): void {
  for (const note of notes) emit({ type: 'note', address, note });
  if (refusals.length === 0) return;
  throw new DiagnosticsError(
    refusals.map(({ detail, ...rest }): Diagnostic => ({ severity: 'error', address, detail: `${detail}; ${state}`, ...rest })),
  );
}
