import { errorDiagnostics } from '../../apply/error-diagnostics.js';
import { type Diagnostic, hasErrors } from '../../diag/diagnostic.js';
import type { Check } from './check.js';

export interface Found {
  readonly found: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** One row of doctor: what was found, or the trouble that was met while looking. */
export async function checkRow(name: string, look: () => Promise<Found>, address = name): Promise<Check> {
  try {
    const { found, diagnostics } = await look();
    return { name, found: hasErrors(diagnostics) ? '' : found, diagnostics };
  } catch (error) {
    const diagnostics = errorDiagnostics(error, address);
    if (diagnostics === undefined) throw error;
    return { name, found: '', diagnostics };
  }
}

export const isFailed = ({ diagnostics, isFailed: marked = false }: Check): boolean => marked || hasErrors(diagnostics);
