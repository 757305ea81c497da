import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../harness/until.js';
import type { Cluster } from './cluster.js';
import { asServerUser, binFolder } from './programs.js';

const READY = 'database system is ready to accept connections';

/** A running server of the cluster: the process that started the others. */
export interface Server {
  readonly pid: number;
  /** Clients are cut off, the data is left in order. Resolves when all its processes are gone. */
  stop(): Promise<void>;
  /** All its processes at once, by SIGKILL. Resolves when they are gone. */
  kill9(): Promise<void>;
}

/** Starts the server; resolves when it accepts connections. It ends with this process, also when that is killed. */
export async function launch({ folder, data }: Cluster): Promise<Server> {
  const args = [...asServerUser(), '--pdeathsig', 'INT', `${binFolder()}/postgres`, '-D', data];
  const main = spawn('setpriv', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  main.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  main.stderr.pipe(createWriteStream(join(folder, 'log'), { flags: 'a' }));
  await until('PostgreSQL to accept connections', async () => {
    if (hasEnded(main)) throw new Error(`PostgreSQL ended at once:\n${said}`);
    return said.includes(READY);
  });
  const { pid = 0 } = main;
  return {
    pid,
    stop: () => ended(main, [pid], 'SIGINT'),
    kill9: async () => {
      // Standing still it starts no further ones that would not be found.
      process.kill(pid, 'SIGSTOP');
      await ended(main, [pid, ...(await childrenOf(pid))], 'SIGKILL');
    },
  };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

async function ended(main: ChildProcess, pids: readonly number[], signal: NodeJS.Signals): Promise<void> {
  for (const pid of pids) send(pid, signal);
  await until('PostgreSQL to end', async () => hasEnded(main) && !pids.some(isRunning));
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function childrenOf(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  return pids.filter((pid) => statusOf(pid)?.parent === parent);
}

/** Whether there is such a process, and not only one that nobody has waited for. */
export const isRunning = (pid: number): boolean => (statusOf(pid)?.state ?? 'Z') !== 'Z';

/** Fields 3 and 4 of proc_pid_stat(5), the first behind the name in parentheses. */
function statusOf(pid: number): { readonly state: string; readonly parent: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
