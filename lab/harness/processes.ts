import { readdir, readFile } from 'node:fs/promises';

export interface RunningProcess {
  readonly pid: number;
  /** Arguments, separated by blanks. */
  readonly command: string;
  /** `NAME=value` each, as they were when the program was started. */
  readonly environment: readonly string[];
}

/** Processes that were started with this variable, by whomever. Ones that have ended and were not waited for have none. */
export async function processesWith(variable: string): Promise<RunningProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid): Promise<RunningProcess[]> => {
      // In this order: between fork and exec a child is still its parent, whose environment is not what the child gets.
      const command = (await read(pid, 'cmdline')).replaceAll('\0', ' ');
      const environment = (await read(pid, 'environ')).split('\0');
      return environment.includes(variable) ? [{ pid: Number(pid), command, environment }] : [];
    }),
  );
  return found.flat();
}

const read = (pid: string, file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
