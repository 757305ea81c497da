import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { dirname } from 'node:path';
import { startTicks } from '../host/process-start.js';

/** Who holds a lock; written into the lock file, shown to whoever comes second. */
export interface LockHolder {
  readonly id: string;
  readonly who: string;
  readonly host: string;
  readonly pid: number;
  /** Start time of the process in clock ticks since boot: a pid that was given to another process does not count. */
  readonly startedTicks: string;
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
export async function takeLock(path: string, operation: string, now: Date): Promise<HeldLock> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const holder = await describeSelf(operation, now);
  const mine = `${path}.${holder.id}`;
  await writeFile(mine, `${JSON.stringify(holder, null, 2)}\n`, { mode: 0o600 });
  try {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      if (await linked(mine, path)) return { holder, [Symbol.asyncDispose]: () => release(path, holder.id) };
      const other = await readHolder(path);
      if (other === 'gone') continue;
      if (other === undefined || (await isAlive(other))) throw new LockHeldError(path, other);
      await breakLock(path, other);
    }
    throw new LockHeldError(path, undefined);
  } finally {
    await rm(mine, { force: true });
  }
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
    return JSON.parse(await readFile(path, 'utf8')) as LockHolder;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'gone' : undefined;
  }
}

/** Moved aside first: of two that break the same lock only one moves this holder's file. */
async function breakLock(path: string, dead: LockHolder): Promise<void> {
  const aside = `${path}.${dead.id}.broken-${randomUUID()}`;
  try {
    const seen = await readHolder(path);
    if (seen === 'gone' || seen === undefined || seen.id !== dead.id) return;
    await rename(path, aside);
    const moved = await readHolder(aside);
    if (moved !== 'gone' && moved !== undefined && moved.id !== dead.id) await linked(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function release(path: string, id: string): Promise<void> {
  const holder = await readHolder(path);
  if (holder !== 'gone' && holder?.id === id) await rm(path, { force: true });
}

async function describeSelf(operation: string, now: Date): Promise<LockHolder> {
  return {
    id: randomUUID(),
    who: `${userInfo().username}@${hostname()}`,
    host: hostname(),
    pid: process.pid,
    startedTicks: (await startTicks(process.pid)) ?? '',
    since: now.toISOString(),
    operation,
  };
}

async function isAlive({ host, pid, startedTicks }: LockHolder): Promise<boolean> {
  if (host !== hostname()) return true;
  return (await startTicks(pid)) === startedTicks;
}
