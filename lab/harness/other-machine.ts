import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from './project-root.js';

export interface Reach {
  /** TCP ports of 127.0.0.1 that lead to the same ports here. A connection that nobody takes here is told on standard error. */
  readonly reaches: readonly number[];
}

/**
 * What starts a program as on another machine: its host has this name, so nobody here can tell whether it is one of the processes of this
 * machine, and a network of its own, where nothing listens that is not named. Files are those of this machine, sockets among them, and
 * so are process ids: the servers of the lab know readers by theirs. It is killed when this process ends.
 */
export const otherMachine = (name: string, { reaches }: Reach): readonly string[] => [
  ...['/usr/bin/python3', '-I', join(projectRoot, 'lab/harness/other-machine.py')],
  ...[name, reaches.join(',')],
];

/**
 * Of a running program that was started so, by its process id. Silent, its network takes what is sent, on connections that are there and
 * on new ones, and nothing comes back.
 */
export async function setNetwork(pid: number, to: 'silent' | 'on'): Promise<void> {
  // The oldest child passes connections on.
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  process.kill(Number.parseInt(children, 10), to === 'silent' ? 'SIGSTOP' : 'SIGCONT');
}
