import { conversionPreflight } from './convert/preflight.js';
import { type Diagnostic, DiagnosticsError, hasErrors } from './diag/diagnostic.js';
import type { ProgramFinder } from './host/program.js';
import type { Action } from './plan/action.js';
import { transferPreflight } from './transfer/index.js';

/**
 * Throws DiagnosticsError when a program that these actions need is missing or too old: found before anything is touched, and
 * not when a snapshot has been taken or a guest is off already. Nothing is looked for that is not needed.
 */
export async function requirePrograms(actions: readonly Action[], programs: ProgramFinder): Promise<void> {
  const moves = actions.some(({ kind }) => kind === 'sync');
  const conversions = actions.filter((action) => action.kind === 'convert');
  const converts = conversions.length > 0 || actions.some(({ kind }) => kind === 'commit-conversion');
  const windows = conversions.some(({ guestFamily }) => guestFamily === 'windows');
  const found = [
    ...(moves ? await transferPreflight(programs) : []),
    ...(converts ? await conversionPreflight({ windows, programs }) : []),
  ];
  if (hasErrors(found)) throw new DiagnosticsError(unique(found));
}

/** Programs that both need are named once. */
const unique = (diagnostics: readonly Diagnostic[]): Diagnostic[] => [
  ...new Map(diagnostics.map((diagnostic) => [diagnostic.detail, diagnostic])).values(),
];
