import type { Clock } from '../../host/clock.js';
import { uninterrupted, untilInterrupted } from '../../host/interruption.js';
import type { HttpClient } from './http-client.js';
import type { Envelope } from './http-envelope.js';
import { INDEX, PROJECT } from './http-names.js';
import { damaged } from './http-refusal.js';
import { Interfered, type ShortLocks } from './http-short-lock.js';
import { withinNewCall } from './http-time.js';
import type { HttpWriter } from './http-writer.js';
import { type DocumentKind, type DocumentName, documentKinds } from './state-backend.js';

/** Names that are looked for after each other cost one look. */
const FRESH_MS = 3000;

type Names = Readonly<Record<DocumentKind, readonly string[]>>;

/**
 * Which documents and locks there are: the protocol lists nothing. A name stands in it before anything is written under it, and stays. So
 * a name that it does not have costs no request of its own.
 */
export class HttpIndex {
  private known: ReadonlySet<string> = new Set();
  private lookedAtMs = Number.NEGATIVE_INFINITY;
  private looking: Promise<Names> | undefined;
  private batch: { readonly names: DocumentName[]; readonly done: Promise<void> } | undefined;
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly client: HttpClient,
    private readonly writer: HttpWriter,
    private readonly locks: ShortLocks,
    private readonly clock: Clock,
  ) {}

  /** Whether something may stand under the name; as it was a few seconds ago at most. */
  async has(name: DocumentName): Promise<boolean> {
    if (!this.known.has(keyOf(name)) && this.clock.monotonicMs() - this.lookedAtMs > FRESH_MS) {
      this.looking ??= this.look().finally(() => {
        this.looking = undefined;
      });
      await untilInterrupted(this.looking);
    }
    return this.known.has(keyOf(name));
  }

  /** Names of one kind, as it is now. */
  async names(kind: DocumentKind): Promise<readonly string[]> {
    return (await this.look())[kind];
  }

  async isEmpty(): Promise<boolean> {
    return Object.values(await this.look()).every(({ length }) => length === 0);
  }

  /** Makes it, if there is none. */
  create(): Promise<void> {
    return this.write([]);
  }

  /** Resolves when the name stands in it. Names that come meanwhile are written together. */
  async add(name: DocumentName): Promise<void> {
    if (this.known.has(keyOf(name))) return;
    this.batch ??= this.nextBatch();
    this.batch.names.push(name);
    await untilInterrupted(this.batch.done);
  }

  private nextBatch(): { readonly names: DocumentName[]; readonly done: Promise<void> } {
    const names: DocumentName[] = [];
    const done = this.last.then(() => {
      this.batch = undefined;
      return uninterrupted(() => withinNewCall(this.clock, () => this.addAll(names)));
    });
    this.last = done.catch(() => undefined);
    return { names, done };
  }

  private async addAll(names: readonly DocumentName[]): Promise<void> {
    await this.look();
    const missing = names.filter((name) => !this.known.has(keyOf(name)));
    if (missing.length > 0) await this.write(missing);
  }

  private write(added: readonly DocumentName[]): Promise<void> {
    return this.locks.under(INDEX, async (id) => {
      const edit = (found: Envelope | undefined) => ({ document: withNames(this.namesIn(found), added) });
      await this.writer.write({ state: INDEX, id, edit, isOurs: () => true, lost: () => new Interfered() });
      this.learn(added);
    });
  }

  private async look(): Promise<Names> {
    const atMs = this.clock.monotonicMs();
    const found = (await this.client.read(INDEX)) ?? (await this.newOrLost());
    const names = this.namesIn(found);
    this.learn(documentKinds.flatMap((kind) => names[kind].map((name) => ({ kind, name }))));
    this.lookedAtMs = atMs;
    return names;
  }

  /** A project without its index: what there is cannot be found, and must not be taken for nothing. */
  private async newOrLost(): Promise<Envelope | undefined> {
    if ((await this.client.read(PROJECT)) === undefined) return undefined;
    const made = await this.client.read(INDEX);
    if (made !== undefined) return made;
    throw damaged(
      this.client.place('state', INDEX),
      'is gone, though the project has a state: nobody can tell which documents there are',
    );
  }

  /** Names are never taken out. */
  private learn(names: readonly DocumentName[]): void {
    this.known = new Set([...this.known, ...names.map(keyOf)]);
  }

  private namesIn(found: Envelope | undefined): Names {
    const { names } = (found?.document ?? { names: {} }) as { readonly names?: unknown };
    const lists = Object(names) as Partial<Record<DocumentKind, unknown>>;
    const all = documentKinds.map((kind) => [kind, lists[kind] ?? []] as const);
    if (typeof names === 'object' && all.every(([, list]) => areNames(list))) return Object.fromEntries(all) as unknown as Names;
    throw damaged(this.client.place('state', INDEX), 'names no documents');
  }
}

const keyOf = ({ kind, name }: DocumentName): string => `${kind}/${name}`;

const areNames = (list: unknown): boolean => Array.isArray(list) && list.every((name) => typeof name === 'string');

const withNames = (names: Names, added: readonly DocumentName[]): { readonly names: Names } => ({
  names: Object.fromEntries(
    documentKinds.map((kind) => [
      kind,
      [...new Set([...names[kind], ...added.filter((one) => one.kind === kind).map(({ name }) => name)])].sort(),
    ]),
  ) as unknown as Names,
});
