import { DiagnosticsError } from '../../diag/diagnostic.js';
import { type ProviderType, providerTypes } from '../../model/provider-types.js';
import type { Runtime } from '../../runtime.js';

/** The named provider of this type, or all. Throws DiagnosticsError when the Project has none of the name. */
export function providersOf({ project: { providers } }: Runtime, wantedType: ProviderType, wanted: string | undefined): string[] {
  const names = Object.entries(providers).flatMap(([name, { type }]) => (type === wantedType ? [name] : []));
  if (wanted === undefined) return names;
  if (names.includes(wanted)) return [wanted];
  const word = providerTypes[wantedType].word;
  const nextSteps = [`${word}s of the Project: ${names.length === 0 ? 'none' : names.join(', ')}`];
  throw new DiagnosticsError([
    { severity: 'error', code: 'MP1011', detail: `--provider ${wanted}: the Project has no such ${word}`, nextSteps },
  ]);
}
