import { type DocumentKind, type DocumentName, documentKinds, RUN_INDEX } from './state-backend.js';

/** What the index says. */
export interface IndexContent {
  /** Names that something may stand under. Of plans the last ones that were begun, oldest first; of the others all, sorted. */
  readonly names: Readonly<Record<DocumentKind, readonly string[]>>;
  /** Plans that somebody may have locked. Of VMs none is noted: any of them may be. */
  readonly locked: readonly string[];
}

export type IndexEdit = (content: IndexContent) => IndexContent;

/** Every apply has a plan of its own, and a server keeps every version of the index: older ones are found by their id alone. */
export const PLANS_LISTED_MAX = 200;

const none: IndexContent = { names: { vms: [], plans: [], 'machine-types': [], 'run-index': [] }, locked: [] };

/** undefined: it is no index. Absent: nothing is in it. */
export function indexContentOf(document: object | undefined): IndexContent | undefined {
  if (document === undefined) return none;
  const { names, locked = [] } = document as { readonly names?: unknown; readonly locked?: unknown };
  const lists = Object(names) as Partial<Record<DocumentKind, unknown>>;
  const all = documentKinds.map((kind) => [kind, lists[kind] ?? []] as const);
  if (typeof names !== 'object' || !areNames(locked) || !all.every(([, list]) => areNames(list))) return undefined;
  return { names: Object.fromEntries(all) as unknown as IndexContent['names'], locked };
}

const areNames = (list: unknown): list is readonly string[] =>
  Array.isArray(list) && list.every((name) => typeof name === 'string');

/** The same content where it is in it already. */
export const withName =
  ({ kind, name }: DocumentName): IndexEdit =>
  (content) =>
    content.names[kind].includes(name)
      ? content
      : { ...content, names: { ...content.names, [kind]: listed(content, kind, name) } };

function listed({ names }: IndexContent, kind: DocumentKind, name: string): readonly string[] {
  const all = [...names[kind], name];
  return kind === 'plans' ? all.slice(-PLANS_LISTED_MAX) : all.sort();
}

/** What may be found of a kind: versions that do not know of the index of runs leave its name out when they write. */
export const nameable = ({ names }: IndexContent, kind: DocumentKind): DocumentName[] =>
  all(kind, kind === RUN_INDEX.kind ? [...new Set([...names[kind], RUN_INDEX.name])] : names[kind]);

export const withLock =
  (plan: string): IndexEdit =>
  (content) =>
    content.locked.includes(plan) ? content : { ...content, locked: [...content.locked, plan] };

export const withoutLock =
  (plan: string): IndexEdit =>
  (content) =>
    content.locked.includes(plan) ? { ...content, locked: content.locked.filter((one) => one !== plan) } : content;

/** What may be locked by a run: every VM, and the plans that are noted. */
export const lockable = ({ names, locked }: IndexContent): DocumentName[] => [...all('plans', locked), ...all('vms', names.vms)];

/** What can be locked at all, as far as it is listed. */
export const named = ({ names, locked }: IndexContent): DocumentName[] => [
  ...all('plans', [...new Set([...locked, ...names.plans])]),
  ...all('vms', names.vms),
];

const all = (kind: DocumentKind, names: readonly string[]): DocumentName[] => [...names].sort().map((name) => ({ kind, name }));
