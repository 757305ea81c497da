import { DiagnosticsError } from '../../diag/diagnostic.js';
import { isLineage } from '../../model/lineage.js';
import { type DocumentKind, type DocumentName, documentKinds, type StateBackend } from '../../state/backend/state-backend.js';
import type { HeldLock } from '../../state/lock.js';
import { inState } from '../../state/state-errors.js';
import { fromElsewhere } from '../../state/vm-ledger.js';

/** All that a backend holds, for another one or for a person. Field names are public interface. */
export interface StateExport {
  readonly format_version: '1.0';
  /** '' before the first apply. */
  readonly lineage: string;
  readonly documents: readonly (DocumentName & { readonly document: unknown })[];
}

/** In the order of kinds and names. */
export async function namesIn(backend: StateBackend): Promise<DocumentName[]> {
  const names = await Promise.all(
    documentKinds.map(async (kind) => (await backend.list(kind)).map((name): DocumentName => ({ kind, name }))),
  );
  return names.flat();
}

export async function exportState(backend: StateBackend): Promise<StateExport> {
  const documents = [];
  for (const of of await namesIn(backend)) {
    const document = await readDocument(backend, of);
    if (document !== undefined) documents.push({ ...of, document });
  }
  return { format_version: '1.0', lineage: await backend.lineage(), documents };
}

/** undefined: there is none. DiagnosticsError MP3013: it is damaged. */
export async function readDocument(backend: StateBackend, name: DocumentName): Promise<unknown> {
  const { place, read } = backend.document(name);
  const text = await read();
  return text === undefined ? undefined : inState(place, async () => JSON.parse(text) as unknown);
}

/** DiagnosticsError MP3036: nothing is known of it. */
export const requireLedger = async (backend: StateBackend, name: string): Promise<unknown> =>
  (await readDocument(backend, { kind: 'vms', name })) ?? nothingKnown(name);

function nothingKnown(name: string): never {
  const nextSteps = ['see what it knows: migplan state list'];
  throw new DiagnosticsError([{ severity: 'error', code: 'MP3036', detail: `the state knows nothing of vm/${name}`, nextSteps }]);
}

/** What a file says, or DiagnosticsError MP3035. */
export function asStateExport(value: unknown): StateExport {
  const { format_version: version, lineage, documents } = Object(value) as Partial<StateExport>;
  const isKnown =
    version === '1.0' &&
    typeof lineage === 'string' &&
    (lineage === '' || isLineage(lineage)) &&
    Array.isArray(documents) &&
    documents.every(isDocument);
  if (!isKnown) throw refused('the file is not what `migplan state pull` writes', 'make one: migplan state pull > state.json');
  return value as StateExport;
}

function isDocument(value: unknown): boolean {
  const { kind, name, document } = Object(value) as Record<string, unknown>;
  return (
    documentKinds.includes(kind as DocumentKind) && typeof name === 'string' && document !== null && typeof document === 'object'
  );
}

/**
 * Writes all documents, each under its lock, into a state that is empty or of the same lineage. DiagnosticsError MP3035: it is another
 * one, or holds documents that would be replaced and `force` does not say so; LockHeldError: somebody works on one of them. Nothing is
 * written then.
 */
export async function importState(
  backend: StateBackend,
  { lineage, documents }: StateExport,
  { force, now }: { readonly force: boolean; readonly now: Date },
): Promise<void> {
  const there = await backend.lineage();
  if (there !== '' && there !== lineage)
    throw refused(
      `the state in ${backend.place} has lineage ${there}, and the file has ${lineage === '' ? 'none' : lineage}`,
      'name the state that the file was pulled from, or an empty one, in spec.state',
    );
  const held = await namesIn(backend);
  if (held.length > 0 && !force)
    throw refused(
      `the state in ${backend.place} holds ${held.length} documents already`,
      'replace them: migplan state push FILE --force',
    );
  await backend.prepare(lineage);
  const worked = documents.filter(({ kind }) => isWorkedOn(kind));
  const locks: HeldLock[] = [];
  try {
    for (const of of worked) locks.push(await backend.lock(of).take('state push', now));
    for (const { document, ...of } of worked)
      await backend.document(of).write(textOf(of.kind === 'vms' ? fromElsewhere(Object(document)) : document));
  } finally {
    for (const lock of locks) await lock[Symbol.asyncDispose]();
  }
  // Whoever notes something in these waits for nobody: they are never held for long.
  for (const { document, ...of } of documents) if (!isWorkedOn(of.kind)) await backend.document(of).edit(() => textOf(document));
}

const textOf = (document: unknown): string => `${JSON.stringify(document, null, 2)}\n`;

/** Runs hold them while they work. */
const isWorkedOn = (kind: DocumentKind): boolean => kind === 'vms' || kind === 'plans';

/** DiagnosticsError MP3035: nothing is called so. */
export function requireLineage(text: string): void {
  if (!isLineage(text))
    throw refused(
      'what --lineage names is no lineage: letters, digits, dots and dashes, 64 at most',
      'see which there are: migplan refresh',
    );
}

const refused = (detail: string, nextStep: string): DiagnosticsError =>
  new DiagnosticsError([{ severity: 'error', code: 'MP3035', detail, nextSteps: [nextStep] }]);

/**
 * Removes what is known of one VM, under its lock. DiagnosticsError MP3036: nothing is; LockHeldError: somebody works on it.
 */
export async function removeLedger(backend: StateBackend, name: string, now: Date): Promise<void> {
  const of: DocumentName = { kind: 'vms', name };
  await using _lock = await backend.lock(of).take('state rm', now);
  if ((await backend.document(of).read()) === undefined) nothingKnown(name);
  await backend.document(of).remove();
}
