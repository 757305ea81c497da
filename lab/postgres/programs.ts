import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';

const VERSIONS = '/usr/lib/postgresql';
const SERVER_USER = 'postgres';

/** Where the programs of the newest PostgreSQL of this machine are. Throws without one. */
export function binFolder(): string {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : [];
  const [newest] = versions
    .map(Number)
    .filter(Boolean)
    .sort((a, b) => b - a);
  if (newest === undefined) throw new Error('PostgreSQL is missing: apt-get install postgresql');
  return `${VERSIONS}/${newest}/bin`;
}

const isRoot = (): boolean => process.getuid?.() === 0;

/** The words before a program that make it run as somebody whom PostgreSQL accepts: it refuses to be run by root. */
export const asServerUser = (): string[] =>
  isRoot() ? ['--reuid', SERVER_USER, '--regid', SERVER_USER, '--clear-groups', '--no-new-privs'] : [];

const run = promisify(execFile);

/** Gives what is at the path to whoever runs the server. */
export async function giveToServer(path: string): Promise<void> {
  if (isRoot()) await run('chown', ['-R', `${SERVER_USER}:${SERVER_USER}`, path]);
}

/** Runs one of PostgreSQL's programs to its end as the server's user. Rejects with what it said. */
export const runAsServer = (folder: string, program: string, args: readonly string[]): Promise<unknown> =>
  run('setpriv', [...asServerUser(), '--pdeathsig', 'KILL', `${binFolder()}/${program}`, ...args], { cwd: folder });

/** Rows of the last statement, columns parted by `|`. Rejects with what psql said at the first statement that fails. */
export async function psql(url: string, sql: string): Promise<string> {
  const args = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-f', '-', '-d', url];
  const child = spawn(`${binFolder()}/psql`, args, { stdio: 'pipe' });
  child.stdin.on('error', () => undefined).end(sql);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, said, status] = await Promise.all([buffer(child.stdout), buffer(child.stderr), ended]);
  if (status !== 0) throw new Error(said.toString('utf8').trim());
  return out.toString('utf8').trim();
}
