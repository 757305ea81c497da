import { DiagnosticsError } from '../../diag/diagnostic.js';
import { type ProviderType, providerTypes } from '../../model/provider-types.js';
import type { Runtime } from '../../runtime.js';

/** The named provider, or all. Throws DiagnosticsError when the Project has none of the name. */
export function anyProviders({ project: { providers } }: Runtime, wanted: string | undefined): string[] {
  const names = Object.keys(providers);
  if (wanted === undefined) return names;
  if (names.includes(wanted)) return [wanted];
  throw unknownProvider(wanted, 'provider', names);
}

/** The named provider of this type, or all. Throws DiagnosticsError when the Project has none of the name. */
export function providersOf({ project: { providers } }: Runtime, wantedType: ProviderType, wanted: string | undefined): string[] {
  const names = Object.entries(providers).flatMap(([name, { type }]) => (type === wantedType ? [name] : []));
  if (wanted === undefined) return names;
  if (names.includes(wanted)) return [wanted];
  throw unknownProvider(wanted, providerTypes[wantedType].word, names);
}

function unknownProvider(wanted: string, word: string, names: readonly string[]): DiagnosticsError {
  const nextSteps = [`${word}s of the Project: ${names.length === 0 ? 'none' : names.join(', ')}`];
  return new DiagnosticsError([
    { severity: 'error', code: 'MP1011', detail: `--provider ${wanted}: the Project has no such ${word}`, nextSteps },
  ]);
}
