import { randomUUID } from 'node:crypto';
import { link, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../../host/durable-file.js';
import { isMissing, readIfThere } from '../../host/files.js';
import { passingPath, removeAbandoned } from '../../host/passing-file.js';
import { LockHeldError } from '../lock.js';
import { privateFolder } from '../private-folder.js';
import { inState } from '../state-errors.js';
import { FencedWrites } from './fenced-writes.js';
import { fileDocument } from './file-document.js';
import { breakLock, liveHolder, readHolder, removeDeadLocks, takeLock } from './file-lock.js';
import { fileName, nameOfFile } from './spell.js';
import {
  type DocumentKind,
  type DocumentName,
  documentKinds,
  type ListedLock,
  type StateBackend,
  type StateDocument,
  type StateLock,
} from './state-backend.js';

interface StateFile {
  readonly version: 1;
  readonly lineage: string;
}

const LOCKED = ['vms', 'plans'] as const satisfies readonly DocumentKind[];
const LOCK = '.lock';
const DOCUMENT = '.json';

/**
 * Files of one folder, for one machine: whoever cannot look at the processes of the machine that holds a lock cannot tell whether it is
 * dead.
 *
 *   state.json              lineage
 *   vms/NAME.json           ledger of one VM          vms/NAME.lock   who works on it
 *                           vms/NAME.lock.former   whose end nobody saw
 *   plans/ID.json           progress of a saved plan  plans/ID.lock   who applies it
 *   machine-types/HASH.json answers of probes, by cloud
 *   run-index/NAME.json     only where it was brought from a state of several machines: what was run here is in runs/
 */
export class LocalBackend implements StateBackend {
  readonly type = 'local';
  readonly hasLeases = false;
  private readonly fenced = new FencedWrites();

  constructor(readonly root: string) {}

  get place(): string {
    return this.root;
  }

  lineage(): Promise<string> {
    return inState(this.stateFile(), () => readLineage(this.stateFile()));
  }

  async prepare(lineage?: string): Promise<string> {
    return inState(this.stateFile(), async () => {
      for (const folder of ['', ...documentKinds]) await privateFolder(join(this.root, folder));
      for (const folder of ['', ...documentKinds]) await removeAbandoned(join(this.root, folder));
      if ((await readLineage(this.stateFile())) === '') await writeOnce(this.stateFile(), stateOf(lineage));
      return readLineage(this.stateFile());
    });
  }

  /** What was copied from elsewhere becomes a state of its own. */
  renew(): Promise<void> {
    return inState(this.stateFile(), () => writeDurably(this.stateFile(), stateOf()));
  }

  document(name: DocumentName): StateDocument {
    const document = fileDocument(this.path(name, DOCUMENT));
    const requireLock = () => this.requireLock(name);
    return { ...document, requireLock, write: (text) => requireLock().then(() => document.write(text)) };
  }

  lock(name: DocumentName): StateLock {
    const place = this.path(name, LOCK);
    return {
      place,
      take: (operation, now) => this.fenced.take(name, () => takeLock(place, operation, now)),
      holder: () => liveHolder(place),
    };
  }

  async list(kind: DocumentKind): Promise<string[]> {
    return (await this.names(kind, DOCUMENT)).map(nameOfFile).sort();
  }

  async locks(): Promise<ListedLock[]> {
    const names = await Promise.all(
      LOCKED.map(async (kind) => (await this.names(kind, LOCK)).map((file) => ({ kind, name: nameOfFile(file) }))),
    );
    const locks = await Promise.all(names.flat().map((of) => this.listed(of)));
    return locks.filter((one) => one !== undefined);
  }

  breakLock(name: DocumentName, id: string): Promise<boolean> {
    const place = this.path(name, LOCK);
    return inState(place, () => breakLock(place, { id }, { operation: 'force-unlock', now: new Date() }));
  }

  async removeDeadLocks(now: Date): Promise<void> {
    for (const kind of LOCKED) await removeDeadLocks(join(this.root, kind), now);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  private async requireLock(name: DocumentName): Promise<void> {
    const id = this.fenced.heldId(name);
    if (id === undefined) return;
    const holder = await readHolder(this.path(name, LOCK));
    if (holder === 'gone' || holder?.id !== id) throw this.fenced.lost(name, this.path(name, LOCK));
  }

  private async listed(of: DocumentName): Promise<ListedLock | undefined> {
    const place = this.path(of, LOCK);
    const holder = await readHolder(place);
    return holder === 'gone' ? undefined : { of, held: new LockHeldError(place, holder) };
  }

  private readonly path = ({ kind, name }: DocumentName, ending: string): string =>
    join(this.root, kind, `${fileName(name)}${ending}`);
  private readonly stateFile = (): string => join(this.root, 'state.json');

  private names(kind: DocumentKind, ending: string): Promise<string[]> {
    const folder = join(this.root, kind);
    return inState(folder, async () => {
      const files = await readdir(folder).catch(nothingIfMissing);
      return files
        .filter((file) => file.endsWith(ending))
        .map((file) => file.slice(0, -ending.length))
        .sort();
    });
  }
}

function nothingIfMissing(error: unknown): string[] {
  if (isMissing(error)) return [];
  throw error;
}

function stateOf(lineage?: string): string {
  const state: StateFile = { version: 1, lineage: lineage || randomUUID() };
  return `${JSON.stringify(state)}\n`;
}

/** '' when there is no state yet. */
async function readLineage(path: string): Promise<string> {
  const text = await readIfThere(path);
  if (text === undefined) return '';
  const lineage = (JSON.parse(text) as Partial<StateFile> | null)?.lineage;
  if (typeof lineage !== 'string' || lineage === '') throw new SyntaxError('it names no lineage');
  return lineage;
}

/** Of two processes that begin at the same time the first one's content stays, complete from its first instant. */
async function writeOnce(path: string, content: string): Promise<void> {
  const aside = await passingPath(path);
  try {
    await writeDurably(aside, content);
    await link(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}
