import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeDurably } from '../../host/durable-file.js';
import { isMissing } from '../../host/files.js';
import { passingPath, removeAbandoned, removeAbandonedBeside } from '../../host/passing-file.js';
import { asFormer, asHolder, type Former, type HeldLock, isAlive, LockHeldError, type LockHolder, ownHolder } from '../lock.js';
import { privateFolder } from '../private-folder.js';
import { inState } from '../state-errors.js';

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
  const holder = await ownHolder(operation, now);
  const mine = await passingPath(path);
  await writeFile(mine, `${JSON.stringify(holder, null, 2)}\n`, { mode: 0o600 });
  try {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      if (await linked(mine, path)) return await held(path, holder);
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

async function held(path: string, holder: LockHolder): Promise<HeldLock> {
  const former = await readFormer(path);
  return {
    holder,
    ...(former !== undefined && { former }),
    settle: () => settle(path, holder.id),
    [Symbol.asyncDispose]: () => release(path, holder.id),
  };
}

/** Whose lock was taken away though nobody saw that it had ended. */
const formerPath = (path: string): string => `${path}.former`;

async function readFormer(path: string): Promise<Former | undefined> {
  try {
    return asFormer(JSON.parse(await readFile(formerPath(path), 'utf8'))) ?? 'unknown';
  } catch (error) {
    return isMissing(error) ? undefined : 'unknown';
  }
}

async function rememberFormer(path: string, former: LockHolder): Promise<void> {
  if ((await readFormer(path)) === undefined) await writeDurably(formerPath(path), `${JSON.stringify(former, null, 2)}\n`);
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

/** undefined: it says nothing that a run of migplan wrote. */
export async function readHolder(path: string): Promise<LockHolder | undefined | 'gone'> {
  try {
    return asHolder(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    return isMissing(error) ? 'gone' : undefined;
  }
}

/**
 * Between seeing that a holder is dead and removing its file, another process may have done so and taken the lock: only who holds
 * a second lock may remove it, after looking again. If that one dies too, its lock is broken in the same way.
 */
export async function breakLock(
  path: string,
  { id }: Pick<LockHolder, 'id'>,
  { operation, now }: { operation: string; now: Date },
): Promise<boolean> {
  const breaking = await take(`${path}.breaking`, operation, now);
  try {
    const seen = await readHolder(path);
    const isIt = seen !== 'gone' && seen?.id === id;
    if (isIt && (await isAlive(seen))) await rememberFormer(path, seen);
    if (isIt) await rm(path, { force: true });
    return isIt;
  } finally {
    await breaking[Symbol.asyncDispose]();
  }
}

/** Whoever lost the lock is a former holder itself by then. */
async function settle(path: string, id: string): Promise<void> {
  if (await isHeldBy(path, id)) await rm(formerPath(path), { force: true });
}

async function release(path: string, id: string): Promise<void> {
  if (await isHeldBy(path, id)) await rm(path, { force: true });
}

async function isHeldBy(path: string, id: string): Promise<boolean> {
  const holder = await readHolder(path);
  return holder !== 'gone' && holder?.id === id;
}

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
