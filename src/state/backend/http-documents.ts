import type { FencedWrites } from './fenced-writes.js';
import type { HttpClient } from './http-client.js';
import { type Envelope, formerOf } from './http-envelope.js';
import type { HttpIndex } from './http-index.js';
import { type StateName, stateOf } from './http-names.js';
import { Interfered, type ShortLocks } from './http-short-lock.js';
import type { HttpWriter } from './http-writer.js';
import type { DocumentEdit, DocumentName } from './state-backend.js';

export interface HttpDocumentsParts {
  readonly client: HttpClient;
  readonly writer: HttpWriter;
  readonly short: ShortLocks;
  readonly index: HttpIndex;
  readonly fenced: FencedWrites;
  /** What a write of this process meets when its lock is another's. */
  readonly lost: (state: StateName) => Error;
}

/** Documents, each in a state of its own, beside whoever has its lock. What is removed is a state without a document. */
export class HttpDocuments {
  constructor(private readonly parts: HttpDocumentsParts) {}

  /** As JSON. */
  async read(name: DocumentName): Promise<string | undefined> {
    const { fenced, index, client } = this.parts;
    // What this process holds is looked at itself, whatever the index said before.
    const isThere = fenced.heldId(name) !== undefined || (await index.has(name));
    const found = isThere ? await client.read(stateOf(name)) : undefined;
    return found?.document && JSON.stringify(found.document);
  }

  async write(name: DocumentName, document: object): Promise<void> {
    await this.parts.index.add(name);
    await this.put(name, document);
  }

  /** Under a short lock: which of two writes comes first is the same for all. */
  async edit(name: DocumentName, change: DocumentEdit): Promise<void> {
    await this.parts.index.add(name);
    await this.putUnlocked(stateOf(name), (document) => JSON.parse(change(document && JSON.stringify(document))) as object);
  }

  async remove(name: DocumentName): Promise<void> {
    if ((await this.read(name)) !== undefined) await this.put(name, undefined);
  }

  private put(name: DocumentName, document: object | undefined): Promise<void> {
    const { fenced, writer, lost } = this.parts;
    const id = fenced.heldId(name);
    const state = stateOf(name);
    if (id === undefined) return this.putUnlocked(state, () => document);
    const edit = (found: Envelope | undefined) => ({ holder: found?.holder, former: found?.former, document });
    return writer.write({ state, id, edit, isOurs: (found) => found?.holder?.id === id, lost: () => lost(state) });
  }

  /** Whoever is said to hold a lock that was just free holds it no more; how it ended nobody has seen. */
  private putUnlocked(state: StateName, change: (document: object | undefined) => object | undefined): Promise<void> {
    const { short, writer } = this.parts;
    const edit = (found: Envelope | undefined) => ({ former: formerOf(found), document: change(found?.document) });
    return short.under(state, (id) => writer.write({ state, id, edit, isOurs: () => true, lost: () => new Interfered() }));
  }
}
