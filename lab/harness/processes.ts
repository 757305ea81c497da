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
      const { command, environment } = await oneProgram(pid);
      return environment.includes(variable) ? [{ pid: Number(pid), command, environment }] : [];
    }),
  );
  return found.flat();
}

/** Arguments and environment of the same program: between the two the child of a fork may have become another one. */
async function oneProgram(pid: string): Promise<Omit<RunningProcess, 'pid'>> {
  let before = await read(pid, 'cmdline');
  for (;;) {
    const environment = (await read(pid, 'environ')).split('\0');
    const after = await read(pid, 'cmdline');
    if (after === before) return { command: after.replaceAll('\0', ' '), environment };
    before = after;
  }
}

const read = (pid: string, file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
