import type { TargetBlock } from '../contracts/target-provider.js';
import { type ChildExit, runChild } from '../host/child.js';
import type { Clock } from '../host/clock.js';
import { findProgram } from '../host/program.js';
import { ProgramTimeout } from '../host/program-timeout.js';
import { trace } from '../host/trace.js';
import { own } from '../model/own.js';

export type RbdBlock = Extract<TargetBlock, { driver: 'rbd' }>;

const CALL_TIMEOUT_MS = 30_000;
/** Whoever loses the lock is shut out, whatever the configuration says, and forgotten by Ceph after a week. */
const SHUT_OUT = ['--rbd-blocklist-on-break-lock=true', `--rbd-blocklist-expire-seconds=${7 * 24 * 3600}`];
/** The watch of a client that was shut out ends with the next map of the cluster; one that died by itself with its time-out of 30 s. */
const WATCH_GONE_MS = 45_000;
const LOOK_AGAIN_MS = 500;
/** Of pools and images as Cinder makes them, and no option of a program. */
const NAME = /^\w[\w.-]*$/;

interface Lock {
  readonly id: string;
  readonly locker: string;
}

/**
 * Whoever writes to an image holds its exclusive lock, also when it hangs or its machine is gone. Breaking the lock shuts that client out
 * of the cluster first, so that what it sends later is refused by every OSD. An image without the lock, one whose lock nobody has, and
 * one that somebody still has open afterwards say nothing of who may write: false. (docs.ceph.com, "RBD Exclusive Locks")
 */
export async function cutOffRbd(block: RbdBlock, clock: Clock): Promise<boolean> {
  const program = await findProgram('rbd');
  if (program === undefined || !NAME.test(block.pool) || !NAME.test(block.image)) return false;
  const rbd = rbdOf(program, block);
  const info = await rbd(['info', '--format', 'json']);
  if (!listIn(fieldOf(info, 'features')).includes('exclusive-lock')) return false;
  const locks = locksIn(await rbd(['lock', 'ls', '--format', 'json']));
  if (locks.length === 0) return false;
  for (const { id, locker } of locks) if ((await rbd(['lock', 'rm', ...SHUT_OUT], [id, locker])) === undefined) return false;
  return isLeftAlone(rbd, clock);
}

/** undefined: it failed. What it printed as JSON, if it is that. */
type Rbd = (args: readonly string[], more?: readonly string[]) => Promise<unknown>;

function rbdOf(program: string, { pool, image, conf, user }: RbdBlock): Rbd {
  return async (args, more = []) => {
    const call = {
      program,
      args: ['--conf', conf, '--id', user, ...args, `${pool}/${image}`, ...more],
      timeoutMs: CALL_TIMEOUT_MS,
    };
    const { status, stdout, stderr } = await runChild(call).catch(inTime);
    if (status === 0) return parsed(stdout);
    trace('warn', 'program', () => `the writer of ${pool}/${image} is not cut off: ${args.join(' ')}: ${stderr.trim()}`);
    return undefined;
  };
}

/** A cluster that does not answer says nothing of who may write. */
function inTime(error: unknown): ChildExit {
  if (error instanceof ProgramTimeout) return { status: 1, stdout: '', stderr: error.message };
  throw error;
}

async function isLeftAlone(rbd: Rbd, clock: Clock): Promise<boolean> {
  const endMs = clock.monotonicMs() + WATCH_GONE_MS;
  for (;;) {
    const status = await rbd(['status', '--format', 'json']);
    const watchers = fieldOf(status, 'watchers');
    if (Array.isArray(watchers) && watchers.length === 0) return true;
    if (status === undefined || clock.monotonicMs() >= endMs) return false;
    await clock.sleep(LOOK_AGAIN_MS);
  }
}

/** `rbd` prints nothing, or words, where it has done what it was told. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? own(value as Readonly<Record<string, unknown>>, name) : undefined;

const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A list since Ceph 14, with the id in each; before that a table by id. */
function locksIn(told: unknown): Lock[] {
  const rows = Array.isArray(told) ? told.map((row) => [fieldOf(row, 'id'), fieldOf(row, 'locker')]) : [];
  return rows.flatMap(([id, locker]) => (typeof id === 'string' && typeof locker === 'string' ? [{ id, locker }] : []));
}
