import { readFileSync } from 'node:fs';

/** What every line of the remote program begins with: login scripts may print lines of their own. */
export const MARK = 'migplan ';

/**
 * Starts a Python 3 that reads its program as the first line of standard input. One command for every login shell: nothing
 * in it is made of names, and what the shell sees is one word in single quotes without anything in it that shells differ in.
 */
const start = [
  'for python in python3 /usr/libexec/platform-python;',
  'do command -v $python >/dev/null 2>&1 && exec $python -I -c "import sys, json; exec(json.loads(sys.stdin.readline()))";',
  'done; echo migplan no-python',
].join(' ');

export const remoteCommand = ({ sudo = false }: { readonly sudo?: boolean }): string =>
  `${sudo ? 'sudo -n ' : ''}sh -c '${start}'`;

/** What the program is told in its second line of input. */
export interface RemoteRequest {
  /** `look`: tell about the machine and end. `claim`: go on with a device. */
  readonly task: 'look' | 'claim';
  readonly byIdDir: string;
  readonly sysDir: string;
  /** Names of links in byIdDir. */
  readonly links: readonly string[];
  /** Until one of the links is there. */
  readonly timeoutSeconds: number;
  /** Made for the socket, mode 0700, and removed again. Nobody else can know its name. */
  readonly folder: string;
  /** After so long without a word from us the program takes us for dead. */
  readonly silenceSeconds: number;
}

/** What runs on the conversion host, as `start` reads it. */
export const remoteProgram = readFileSync(new URL('device_server.py', import.meta.url), 'utf8');
