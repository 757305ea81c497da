import type { Diagnostic } from '../../diag/diagnostic.js';
import type { SourceRange } from '../../diag/source-range.js';
import { selectorFields } from '../../model/provider-types.js';
import type { LocatedDocument } from '../base/located.js';
import { placeFrom, problem, quoted } from '../base/problem.js';
import type { ProjectScope } from '../project/project-scope.js';

/** What is looked at in a Migration document, whatever else may be wrong with it. */
interface Header {
  readonly name?: string;
  readonly source?: Readonly<Record<string, unknown>>;
}

/** Names and source VMs that more than one Migration claims: the later documents, each with the first one as related. */
export function duplicateProblems(
  documents: readonly LocatedDocument[],
  scope: ProjectScope,
): Map<LocatedDocument, Diagnostic[]> {
  const names = new Map<string, SourceRange>();
  const vms = new Map<string, { readonly at: SourceRange; readonly name: string | undefined }>();
  const found = new Map<LocatedDocument, Diagnostic[]>();
  for (const document of documents) {
    const { name, source } = headerOf(document.value);
    const nameAt = document.rangeOf(['metadata', 'name']);
    const diagnostics: Diagnostic[] = [];
    const firstName = name === undefined ? undefined : names.get(name);
    if (firstName !== undefined) diagnostics.push(nameTwice(name!, nameAt, firstName));
    else if (name !== undefined) names.set(name, nameAt);

    const selector = source && selectorKey(source, scope);
    const at = selector && document.rangeOf(['spec', 'source', selector.field]);
    const firstVm = selector && vms.get(selector.key);
    if (firstVm !== undefined) diagnostics.push(vmTwice({ value: selector!.value, at: at! }, firstVm));
    else if (selector !== undefined) vms.set(selector.key, { at: at!, name });
    found.set(document, diagnostics);
  }
  return found;
}

function headerOf(value: unknown): Header {
  const { metadata, spec } = value as { metadata?: { name?: unknown }; spec?: { source?: unknown } };
  const [name, source] = [metadata?.name, spec?.source];
  return {
    ...(typeof name === 'string' && { name }),
    ...(typeof source === 'object' && source !== null && { source: source as Readonly<Record<string, unknown>> }),
  };
}

/** Two providers with the same server are the same vCenter. One VM named in two ways is found later, when it is looked up. */
function selectorKey(source: Readonly<Record<string, unknown>>, { providers, defaults }: ProjectScope) {
  const field = selectorFields.find((name) => typeof source[name] === 'string');
  if (field === undefined) return undefined;
  const value = String(source[field]);
  const inherited = (defaults as { source?: { provider?: unknown } } | null)?.source?.provider;
  const provider = String(source['provider'] ?? inherited ?? '');
  const server = providers?.get(provider)?.server;
  const where = typeof server === 'string' ? ['server', server.toLowerCase()] : ['provider', provider];
  return { field, value, key: JSON.stringify([...where, field, field === 'instanceUuid' ? value.toLowerCase() : value]) };
}

const nameTwice = (name: string, at: SourceRange, first: SourceRange): Diagnostic =>
  problem('MP1009', at, {
    detail: `metadata.name ${quoted(name)} is already used in ${placeFrom(at, first)}`,
    related: { source: first, detail: 'the first use of the name' },
    nextSteps: ['Give one of them another name'],
  });

const vmTwice = (
  second: { readonly value: string; readonly at: SourceRange },
  first: { readonly at: SourceRange; readonly name: string | undefined },
): Diagnostic =>
  problem('MP1017', second.at, {
    detail: `${quoted(second.value)} is already migrated by ${first.name ?? 'another manifest'} in ${placeFrom(second.at, first.at)}`,
    related: { source: first.at, detail: 'the first manifest for this VM' },
    nextSteps: ['Remove one of the two manifests, or correct its source'],
  });
