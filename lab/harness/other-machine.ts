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
