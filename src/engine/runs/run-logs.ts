import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../host/clock.js';
import { isMissing, readIfThere } from '../../host/files.js';
import { logName } from '../../state/run-logs.js';
import { inState } from '../../state/state-errors.js';
import type { StateFolder } from '../../state/state-folder.js';

/** What one program said while it worked on one VM or disk. */
export interface KeptLog {
  readonly path: string;
  /** Absent: of no VM. */
  readonly vm?: string;
  /** Program, and before it the disk it worked on: `disk-2000.nbdkit`. */
  readonly name: string;
  readonly bytes: number;
}

export interface LogsWanted {
  readonly run: string;
  /** Name of a VM; without it those of all, and of none. */
  readonly vm?: string;
}

/** The logs of a run in the order of VMs and names. None where it is an old run, or no program was started. Throws as a state folder does. */
export async function keptLogs(state: StateFolder, { run, vm }: LogsWanted): Promise<KeptLog[]> {
  const folder = state.logsFolder(run);
  const names = await inState(folder, () => namesIn(folder));
  const logs = await Promise.all(names.filter((name) => name.endsWith('.log')).map((name) => describe(folder, name)));
  return logs.filter((log) => log !== undefined && (vm === undefined || log.vm === vm)).map((log) => log!);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder, { recursive: true })).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** undefined: it is gone meanwhile. */
async function describe(folder: string, name: string): Promise<KeptLog | undefined> {
  const path = join(folder, name);
  const there = await stat(path).catch(() => undefined);
  if (there === undefined || !there.isFile()) return undefined;
  const [first, second] = name.split('/');
  const file = (second ?? first)!.replace(/\.log$/, '');
  return { path, ...(second !== undefined && { vm: unescaped(first!) }), name: file, bytes: there.size };
}

/** What logName made of a name. */
function unescaped(name: string): string {
  try {
    const text = decodeURIComponent(name);
    return logName(text) === name ? text : name;
  } catch {
    return name;
  }
}

/** All that is kept of it: what was put aside when it grew, then the file. */
export async function linesOf({ path }: KeptLog): Promise<string[]> {
  const parts = await inState(path, () => Promise.all([`${path}.1`, path].map(readIfThere)));
  return linesIn(parts.join(''));
}

const linesIn = (text: string): string[] => text.replace(/\n$/, '').split('\n');

const LOOK_EVERY_MS = 500;

export interface Following extends LogsWanted {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether the run still writes. */
  readonly goesOn: () => Promise<boolean>;
  readonly onLines: (log: KeptLog, lines: readonly string[]) => void;
}

/** Hands over what is there and what comes, until the run has ended or `signal` is aborted. What was put aside between two looks is left out. */
export async function followLogs(state: StateFolder, { clock, signal, goesOn, onLines, ...wanted }: Following): Promise<void> {
  const read = new Map<string, number>();
  for (;;) {
    const wentOn = await goesOn();
    for (const log of await keptLogs(state, wanted)) {
      const before = read.get(log.path) ?? 0;
      const text = await readFrom(log.path, log.bytes < before ? 0 : before);
      read.set(log.path, (log.bytes < before ? 0 : before) + Buffer.byteLength(text));
      if (text !== '') onLines(log, linesIn(text));
    }
    if (!wentOn || signal.aborted) return;
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
}

/** Whole lines only: the rest comes with the next look. */
async function readFrom(path: string, offset: number): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.max(0, size - offset));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
    return buffer.subarray(0, buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1).toString('utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}
