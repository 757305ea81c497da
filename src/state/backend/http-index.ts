import type { Clock } from '../../host/clock.js';
import { uninterrupted, untilInterrupted } from '../../host/interruption.js';
import type { HttpClient } from './http-client.js';
import type { Envelope } from './http-envelope.js';
import { type IndexContent, type IndexEdit, indexContentOf, withLock, withName, withoutLock } from './http-index-content.js';
import { INDEX, PROJECT } from './http-names.js';
import { damaged } from './http-refusal.js';
import { Interfered, type ShortLocks } from './http-short-lock.js';
import { withinNewCall } from './http-time.js';
import type { HttpWriter } from './http-writer.js';
import { type DocumentName, documentKinds } from './state-backend.js';

/** Names that are looked for after each other cost one look. */
const FRESH_MS = 3000;

interface Batch {
  readonly edits: IndexEdit[];
  readonly done: Promise<void>;
}

/**
 * Which documents and locks there are: the protocol lists nothing. A name stands in it before anything is written under it. So a VM that
 * it does not name costs no request of its own.
 */
export class HttpIndex {
  private known: ReadonlySet<string> = new Set();
  private lookedAtMs = Number.NEGATIVE_INFINITY;
  private looking: Promise<IndexContent> | undefined;
  private batch: Batch | undefined;
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly client: HttpClient,
    private readonly writer: HttpWriter,
    private readonly locks: ShortLocks,
    private readonly clock: Clock,
  ) {}

  /**
   * Whether something may stand under the name; as it was a few seconds ago at most. Of plans it cannot tell: they may be older than it; nor
   * of a kind that another version does not know, and leaves out when it writes the index.
   */
  async has(name: DocumentName): Promise<boolean> {
    if (name.kind === 'plans' || name.kind === 'run-index') return true;
    if (!this.known.has(keyOf(name)) && this.clock.monotonicMs() - this.lookedAtMs > FRESH_MS) {
      this.looking ??= this.look().finally(() => {
        this.looking = undefined;
      });
      await untilInterrupted(this.looking);
    }
    return this.known.has(keyOf(name));
  }

  /** As it is now. */
  async look(): Promise<IndexContent> {
    const atMs = this.clock.monotonicMs();
    const content = this.contentOf((await this.client.read(INDEX)) ?? (await this.newOrLost()));
    this.learn(content);
    this.lookedAtMs = atMs;
    return content;
  }

  async isEmpty(): Promise<boolean> {
    return Object.values((await this.look()).names).every(({ length }) => length === 0);
  }

  /** Makes it, if there is none. */
  create(): Promise<void> {
    return this.write([]);
  }

  /** Resolves when the name stands in it. */
  async add(name: DocumentName): Promise<void> {
    if (!this.known.has(keyOf(name))) await this.edit(withName(name));
  }

  /** Before a plan is locked, and once more when it is: whoever gave it back meanwhile has struck it out. */
  lockBegins(plan: string): Promise<void> {
    return this.edit((content) => withLock(plan)(withName({ kind: 'plans', name: plan })(content)));
  }

  /** While the lock is still held: nobody else has noted it then. */
  lockEnds(plan: string): Promise<void> {
    return this.edit(withoutLock(plan));
  }

  /** What comes meanwhile is written together. */
  private async edit(edit: IndexEdit): Promise<void> {
    this.batch ??= this.nextBatch();
    this.batch.edits.push(edit);
    await untilInterrupted(this.batch.done);
  }

  private nextBatch(): Batch {
    const edits: IndexEdit[] = [];
    const done = this.last.then(() => {
      this.batch = undefined;
      return uninterrupted(() => withinNewCall(this.clock, () => this.editAll(edits)));
    });
    this.last = done.catch(() => undefined);
    return { edits, done };
  }

  private async editAll(edits: readonly IndexEdit[]): Promise<void> {
    const content = await this.look();
    if (edited(content, edits) !== content) await this.write(edits);
  }

  private write(edits: readonly IndexEdit[]): Promise<void> {
    return this.locks.under(INDEX, async (id) => {
      let content: IndexContent | undefined;
      const edit = (found: Envelope | undefined) => {
        content = edited(this.contentOf(found), edits);
        return { document: content };
      };
      await this.writer.write({ state: INDEX, id, edit, isOurs: () => true, lost: () => new Interfered() });
      if (content !== undefined) this.learn(content);
    });
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

  /** Names of VMs are never taken out. */
  private learn({ names }: IndexContent): void {
    const found = documentKinds.flatMap((kind) => names[kind].map((name) => keyOf({ kind, name })));
    this.known = new Set([...this.known, ...found]);
  }

  private contentOf(found: Envelope | undefined): IndexContent {
    const content = indexContentOf(found?.document);
    if (content === undefined) throw damaged(this.client.place('state', INDEX), 'names no documents');
    return content;
  }
}

const keyOf = ({ kind, name }: DocumentName): string => `${kind}/${name}`;

const edited = (content: IndexContent, edits: readonly IndexEdit[]): IndexContent =>
  edits.reduce((before, edit) => edit(before), content);
