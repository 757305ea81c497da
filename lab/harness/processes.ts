import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

export interface RunningProcess {
  readonly pid: number;
  /** Arguments, separated by blanks. */
  readonly command: string;
  /** `NAME=value` each, as they were when the program was started. */
  readonly environment: readonly string[];
}

/** Processes that were started with this variable, by whomever. Ones that have ended and were not waited for have none. */
export const processesWith = async (variable: string): Promise<RunningProcess[]> =>
  new NewPrograms().look().filter(({ environment }) => environment.includes(variable));

/**
 * What is running, each program once however often it is looked: again only when its process has become another program. To look all the
 * time may not take the processor from what is looked at, so that nothing is read twice that cannot have changed.
 */
export class NewPrograms {
  /** By process id: where the kernel put arguments and environment, which no two programs have alike. */
  private known = new Map<string, string>();

  /** Those that were begun since the last look, all of them the first time. */
  look(): RunningProcess[] {
    const before = this.known;
    this.known = new Map();
    return readdirSync('/proc').flatMap((pid) => (/^\d/.test(pid) ? this.one(pid, before.get(pid)) : []));
  }

  private one(pid: string, before: string | undefined): RunningProcess[] {
    for (;;) {
      const program = programOf(pid);
      if (program === undefined) return [];
      if (program === before) {
        this.known.set(pid, program);
        return [];
      }
      const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
      const environment = read(`/proc/${pid}/environ`).split('\0');
      // Between two readings the child of a fork may have become another program.
      if (programOf(pid) !== program) continue;
      // Between fork and its first instruction nobody knows what it will be called: it is looked at again.
      if (command.trim() !== '' || isOfKernel(program)) this.known.set(pid, program);
      return [{ pid: Number(pid), command, environment }];
    }
  }
}

/** Fields 22 and 48 to 51 of proc_pid_stat(5): when the process was started, and where its arguments and environment begin and end. */
function programOf(pid: string): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The name before them is in parentheses, and may have any.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.length < 49 ? undefined : [fields[19], ...fields.slice(45, 49)].join(' ');
}

const isOfKernel = (program: string): boolean => program.endsWith(' 0 0 0 0');

const CHUNK = Buffer.alloc(64 * 1024);

/** Empty for what has ended meanwhile. */
function read(path: string): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    const chunks: Buffer[] = [];
    for (;;) {
      const length = readSync(file, CHUNK);
      if (length === 0) return Buffer.concat(chunks).toString('utf8');
      chunks.push(Buffer.from(CHUNK.subarray(0, length)));
    }
  } catch {
    return '';
  } finally {
    closeSync(file);
  }
}
