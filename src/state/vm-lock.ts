import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { pidNamespace, startTicks } from '../host/process-start.js';
import { inState } from './state-trouble.js';
import { whoAmI } from './who.js';

/** Who holds a lock; written into the lock file, shown to whoever comes second. */
export interface LockHolder {
  readonly id: string;
  readonly who: string;
  readonly host: string;
  readonly pid: number;
  /** Start time of the process in clock ticks since boot: a pid that was given to another process does not count. */
  readonly startedTicks: string;
  /** Where the pid counts: another container on a host of the same name numbers its processes on its own. */
  readonly pidNamespace: string;
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
      await breakLock(path, other, { operation, now });
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
  return {
    id: randomUUID(),
    who: whoAmI(),
    host: hostname(),
    pid: process.pid,
    startedTicks: (await startTicks(process.pid)) ?? '',
    pidNamespace: await ownNamespace(),
    since: now.toISOString(),
    operation,
  };
}

/** Who cannot be looked up is taken for alive: breaking the lock of a running process is worse than asking a person. */
async function isAlive(holder: LockHolder): Promise<boolean> {
  if (holder.host !== hostname() || holder.startedTicks === '' || holder.pidNamespace !== (await ownNamespace())) return true;
  return (await startTicks(holder.pid)) === holder.startedTicks;
}

/** '' where the system does not tell. */
const ownNamespace = (): Promise<string> => pidNamespace().catch(() => '');
