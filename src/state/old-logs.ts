import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { StateFolder } from './state-folder.js';

/** The logs of so many of the newest runs are kept, for so long, and as long as they are not larger together. */
export const LOGS_KEPT = { runs: 100, days: 90, bytes: 2 ** 30 } as const;

const DAY_MS = 24 * 3_600_000;

interface RunLog {
  readonly folder: string;
  readonly changedMs: number;
  readonly bytes: number;
}

/** Logs are for people: that one cannot be looked at or removed is no reason not to run. Journals stay. */
export async function forgetOldLogs(state: StateFolder, now: Date, kept: typeof LOGS_KEPT = LOGS_KEPT): Promise<void> {
  const found = await Promise.all((await state.runs()).map((run) => lookAt(state.logsFolder(run))));
  const newestFirst = found.filter((log) => log !== undefined).sort((a, b) => b.changedMs - a.changedMs);
  let bytes = 0;
  for (const [index, log] of newestFirst.entries()) {
    bytes += log.bytes;
    const isOld = now.getTime() - log.changedMs > kept.days * DAY_MS;
    if (index >= kept.runs || isOld || bytes > kept.bytes)
      await rm(log.folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** undefined: the run has none. */
async function lookAt(folder: string): Promise<RunLog | undefined> {
  const names = await readdir(folder, { recursive: true }).catch(() => undefined);
  if (names === undefined) return undefined;
  const all = await Promise.all(['', ...names].map((name) => stat(join(folder, name)).catch(() => undefined)));
  const there = all.filter((one) => one !== undefined);
  return {
    folder,
    changedMs: Math.max(0, ...there.map(({ mtimeMs }) => mtimeMs)),
    bytes: there.reduce((sum, one) => sum + (one.isFile() ? one.size : 0), 0),
  };
}
