import { DiagnosticsError } from '../../diag/diagnostic.js';
import type { Clock } from '../../host/clock.js';
import { drawFrom, newSeed } from '../../host/random.js';
import type { FencedWrites } from './fenced-writes.js';
import { NAMED, ONE_OF, type PgLocks, placeKey } from './pg-locks.js';
import type { Tables } from './pg-tables.js';
import type { DocumentEdit, DocumentKind, DocumentName, StateDocument } from './state-backend.js';
import { Together } from './together.js';

export interface PgDocumentOptions {
  readonly tables: Tables;
  readonly project: string;
  readonly place: string;
  readonly rows: <R extends object>(text: string, values: readonly unknown[]) => Promise<R[]>;
  readonly locks: PgLocks;
  readonly fenced: FencedWrites;
  readonly clock: Clock;
  readonly lost: (name: DocumentName) => Error;
}

/** Ledgers keep what the last syncs took, some KiB for each VM. */
const READ_TOGETHER_MAX = 200;

/** Whose lock it was, and how many writes of that process came before. */
const SERIAL = '(hashtext(id)::bigint << 32) + $6';
/** For others that edit the same document. */
const EDIT_MS_MAX = 30_000;
const PAUSE_MS = 10;
const PAUSE_MS_MAX = 500;

const isBusy = (place: string): DiagnosticsError =>
  new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP3033',
      detail: `${place} was changed by others again and again for ${EDIT_MS_MAX / 1000} s`,
      nextSteps: ['run the command again'],
    },
  ]);

interface Body {
  readonly kind: DocumentKind;
  readonly name: string;
  readonly body: string;
}

/** Documents as rows; whoever took the lock of one writes it in a statement that asks for the lock. */
export class PgDocuments {
  private readonly bodies = new Together<DocumentName, string | undefined>({
    nameOf: placeKey,
    answer: (names) => this.read(names),
    most: READ_TOGETHER_MAX,
  });

  /** By this process. */
  private writes = 0;
  private readonly draw = drawFrom(newSeed());

  constructor(private readonly options: PgDocumentOptions) {}

  document(name: DocumentName): StateDocument {
    const { tables, rows, place } = this.options;
    return {
      place: `${place}: ${placeKey(name)}`,
      read: () => this.bodies.ask(name),
      write: (text) => this.write(name, text),
      edit: (change) => this.edit(name, change),
      requireLock: () => this.requireLock(name),
      remove: async () => {
        await rows(`DELETE FROM ${tables.documents} WHERE ${NAMED}`, this.key(name));
      },
    };
  }

  async list(kind: DocumentKind): Promise<string[]> {
    const { tables, rows, project } = this.options;
    const found = await rows<{ readonly name: string }>(`SELECT name FROM ${tables.documents} WHERE project = $1 AND kind = $2`, [
      project,
      kind,
    ]);
    return found.map(({ name }) => name).sort();
  }

  private async read(names: readonly DocumentName[]): Promise<(string | undefined)[]> {
    const { tables, rows, project } = this.options;
    const found = await rows<Body>(`SELECT kind, name, body FROM ${tables.documents} WHERE ${ONE_OF}`, [
      project,
      names.map(({ kind }) => kind),
      names.map(({ name }) => name),
    ]);
    const bodies = new Map(found.map((one) => [placeKey(one), one.body]));
    return names.map((name) => bodies.get(placeKey(name)));
  }

  private write(name: DocumentName, text: string): Promise<void> {
    const id = this.options.fenced.heldId(name);
    return id === undefined ? this.writeUnlocked(name, text) : this.writeUnder(id, name, text);
  }

  private async writeUnlocked(name: DocumentName, text: string): Promise<void> {
    const { tables, rows } = this.options;
    await rows(
      `INSERT INTO ${tables.documents} AS kept (project, kind, name, serial, body) VALUES ($1, $2, $3, 1, $4)
       ON CONFLICT (project, kind, name) DO UPDATE SET serial = kept.serial + 1, body = EXCLUDED.body, written = now()`,
      [...this.key(name), text],
    );
  }

  /**
   * The lock's row stays locked until the statement is done: nobody takes it away in between. A statement whose answer was lost may be
   * carried out after later ones: what stands there counts higher then, and stays.
   */
  private async writeUnder(id: string, name: DocumentName, text: string): Promise<void> {
    const { tables, rows, lost } = this.options;
    const written = await rows(
      `WITH allowed AS (SELECT id FROM ${tables.locks} WHERE ${NAMED} AND id = $5 FOR SHARE)
       INSERT INTO ${tables.documents} AS kept (project, kind, name, serial, body)
       SELECT $1, $2, $3, ${SERIAL}, $4 FROM allowed
       ON CONFLICT (project, kind, name) DO UPDATE SET serial = EXCLUDED.serial, body = EXCLUDED.body, written = now()
       WHERE kept.serial >> 32 <> EXCLUDED.serial >> 32 OR kept.serial <= EXCLUDED.serial RETURNING serial`,
      [...this.key(name), text, id, ++this.writes],
    );
    if (written.length === 0) throw lost(name);
  }

  /** What was read is replaced only as long as it stands there: nobody waits for a lock, and the dead leave none. */
  private async edit(name: DocumentName, change: DocumentEdit): Promise<void> {
    const { clock, place } = this.options;
    const untilMs = clock.monotonicMs() + EDIT_MS_MAX;
    for (let tries = 1; !(await this.tryEdit(name, change)); tries++) {
      if (clock.monotonicMs() >= untilMs) throw isBusy(`${place}: ${placeKey(name)}`);
      await clock.sleep(this.draw(Math.min(PAUSE_MS * 2 ** tries, PAUSE_MS_MAX)));
    }
  }

  private async tryEdit(name: DocumentName, change: DocumentEdit): Promise<boolean> {
    const { tables, rows } = this.options;
    const [found] = await rows<{ readonly serial: string; readonly body: string }>(
      `SELECT serial, body FROM ${tables.documents} WHERE ${NAMED}`,
      this.key(name),
    );
    const text = change(found?.body);
    const written =
      found === undefined
        ? await rows(
            `INSERT INTO ${tables.documents} (project, kind, name, serial, body) VALUES ($1, $2, $3, 1, $4)
             ON CONFLICT (project, kind, name) DO NOTHING RETURNING serial`,
            [...this.key(name), text],
          )
        : await rows(
            `UPDATE ${tables.documents} SET serial = serial + 1, body = $4, written = now() WHERE ${NAMED} AND serial = $5 RETURNING serial`,
            [...this.key(name), text, found.serial],
          );
    return written.length > 0;
  }

  private async requireLock(name: DocumentName): Promise<void> {
    const { fenced, locks, lost } = this.options;
    const id = fenced.heldId(name);
    if (id === undefined) return;
    const held = await locks.storedOf(name);
    if (held?.id !== id) throw lost(name);
  }

  private readonly key = ({ kind, name }: DocumentName): string[] => [this.options.project, kind, name];
}
