import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isMissing } from '../host/files.js';
import { passingPath, removeAbandoned, removeAbandonedBeside } from '../host/passing-file.js';
import { privateFolder } from './private-folder.js';
import { asIdentity, livenessOf, ownIdentity, type ProcessIdentity } from './process-identity.js';
import { inState } from './state-errors.js';

/** Who holds a lock; written into the lock file, shown to whoever comes second. */
export interface LockHolder extends ProcessIdentity {
  readonly id: string;
  readonly since: string;
  readonly operation: string;
}

export class LockHeldError extends Error {
  override readonly name = 'LockHeldError';
  constructor(
    readonly path: string,
    readonly holder: LockHolder | undefined,
  ) {
    super(
      `${path} is held by ${holder === undefined ? 'someone unknown' : `${holder.who} (pid ${holder.pid} on ${holder.host})`}`,
    );
  }
}

export interface HeldLock extends AsyncDisposable {
  readonly holder: LockHolder;
}

const TRIES_MAX = 5;

/**
 * Takes the lock or throws LockHeldError. The file appears complete (written aside, then hard-linked), so a reader never
 * sees half a holder; a lock whose process is gone from this host is broken.
 */
export const takeLock = (path: string, operation: string, now: Date): Promise<HeldLock> =>
  inState(path, () => take(path, operation, now));

async function take(path: string, operation: string, now: Date): Promise<HeldLock> {
  await privateFolder(dirname(path));
  await removeAbandonedBeside(path);
  const holder = await describeSelf(operation, now);
  const mine = await passingPath(path);
  await writeFile(mine, `${JSON.stringify(holder, null, 2)}\n`, { mode: 0o600 });
  try {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      if (await linked(mine, path)) return { holder, [Symbol.asyncDispose]: () => release(path, holder.id) };
      const other = await readHolder(path);
      if (other === 'gone') continue;
      if (other === undefined || (await isAlive(other))) throw new LockHeldError(path, other);
      await breakLock(path, other, { operation, now });
    }
    throw new LockHeldError(path, undefined);
  } finally {
    await rm(mine, { force: true });
  }
}

/** Who holds the lock now; a process of another host counts, because nobody can tell whether it is dead. */
export async function liveHolder(path: string): Promise<LockHolder | undefined> {
  const holder = await readHolder(path);
  return holder === 'gone' || holder === undefined || !(await isAlive(holder)) ? undefined : holder;
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<LockHolder | undefined | 'gone'> {
  try {
    return asHolder(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    return isMissing(error) ? 'gone' : undefined;
  }
}

/** undefined for what no run of migplan wrote. */
function asHolder(value: unknown): LockHolder | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const holder = value as Readonly<Record<string, unknown>>;
  const areTexts = ['id', 'since', 'operation'].every((key) => typeof holder[key] === 'string');
  return areTexts && asIdentity(value) !== undefined ? (value as LockHolder) : undefined;
}

/**
 * Between seeing that a holder is dead and removing its file, another process may have done so and taken the lock: only who holds
 * a second lock may remove it, after looking again. If that one dies too, its lock is broken in the same way.
 */
async function breakLock(path: string, dead: LockHolder, { operation, now }: { operation: string; now: Date }): Promise<void> {
  const breaking = await take(`${path}.breaking`, operation, now);
  try {
    const seen = await readHolder(path);
    if (seen !== 'gone' && seen?.id === dead.id) await rm(path, { force: true });
  } finally {
    await breaking[Symbol.asyncDispose]();
  }
}

async function release(path: string, id: string): Promise<void> {
  const holder = await readHolder(path);
  if (holder !== 'gone' && holder?.id === id) await rm(path, { force: true });
}

async function describeSelf(operation: string, now: Date): Promise<LockHolder> {
  return { id: randomUUID(), ...(await ownIdentity()), since: now.toISOString(), operation };
}

/** Who cannot be looked up is taken for alive: breaking the lock of a running process is worse than asking a person. */
const isAlive = async (holder: LockHolder): Promise<boolean> => (await livenessOf(holder)) !== 'dead';

/**
 * Takes away the lock files that killed processes of this host left. They lock nobody out; they only stand around until
 * somebody works on the same VM again.
 */
export async function removeDeadLocks(folder: string, now: Date): Promise<void> {
  await removeAbandoned(folder);
  const names = await readdir(folder).catch(() => []);
  for (const path of names.filter((name) => name.endsWith('.lock')).map((name) => join(folder, name))) {
    const holder = await readHolder(path);
    if (holder === 'gone' || holder === undefined || (await isAlive(holder))) continue;
    try {
      const lock = await takeLock(path, 'clean up', now);
      await lock[Symbol.asyncDispose]();
    } catch (error) {
      if (!(error instanceof LockHeldError)) throw error;
    }
  }
}
