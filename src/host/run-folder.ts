import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pidNamespace, startTicks } from './process-start.js';
import { isPlainPath } from './ssh.js';

/** A private folder for sockets, pid files and lists; gone when disposed. */
export interface RunFolder extends AsyncDisposable {
  readonly path: string;
}

/** The kernel's limit for the path of a unix socket is 108 bytes with the final zero. */
const SOCKET_PATH_MAX = 107;
/** What we may add to the folder: its own name and a socket's. */
const NAMES_MAX = 60;

function candidates(env: NodeJS.ProcessEnv): string[] {
  const folders = [env['XDG_RUNTIME_DIR'], '/run', tmpdir(), '/tmp'];
  return folders.filter((folder): folder is string => folder?.startsWith('/') === true);
}

/** Not every program takes the path of a socket as it is: ssh expands some characters and divides at others. */
const isFit = (folder: string): boolean => Buffer.byteLength(folder) + NAMES_MAX <= SOCKET_PATH_MAX && isPlainPath(folder);

/**
 * Makes the folder, mode 0700, in the first place that can be written and whose path does for unix sockets. Its name says
 * which process it belongs to, so that what a killed run left in the same place is known, and removed here.
 */
export async function openRunFolder(env: NodeJS.ProcessEnv = process.env): Promise<RunFolder> {
  const refusals: string[] = [];
  for (const base of candidates(env).filter(isFit)) {
    try {
      const path = await mkdtemp(join(base, await ownPrefix()));
      await removeAbandoned(base);
      return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
    } catch (error) {
      refusals.push((error as Error).message);
    }
  }
  throw new Error(`no folder for sockets can be made: ${refusals.join('; ')}`);
}

/** `migplan-NAMESPACE-PID-START-`, numbers to base 36 to stay short; mkdtemp adds six characters. */
const NAME = /^migplan-([0-9a-z]+)-([0-9a-z]+)-([0-9a-z]+)-\w{6}$/;

const short = (decimal: string): string => Number(decimal).toString(36);

async function ownPrefix(): Promise<string> {
  const start = (await startTicks(process.pid)) ?? '0';
  return `migplan-${short(await pidNamespace())}-${process.pid.toString(36)}-${short(start)}-`;
}

/** Folders of our user whose process has ended. Trouble with one is no reason not to run. */
async function removeAbandoned(base: string): Promise<void> {
  const namespace = short(await pidNamespace());
  for (const name of await readdir(base)) {
    const [, itsNamespace, pid = '', start] = NAME.exec(name) ?? [];
    if (itsNamespace !== namespace) continue;
    const now = await startTicks(Number.parseInt(pid, 36));
    if (now !== undefined && short(now) === start) continue;
    const path = join(base, name);
    const { uid } = await lstat(path).catch(() => ({ uid: undefined }));
    if (uid === process.getuid?.()) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}
