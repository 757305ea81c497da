import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

const isShort = (folder: string): boolean => Buffer.byteLength(folder) + NAMES_MAX <= SOCKET_PATH_MAX;

/** Makes the folder, mode 0700, in the first place that can be written and is short enough for unix sockets. */
export async function openRunFolder(env: NodeJS.ProcessEnv = process.env): Promise<RunFolder> {
  const refusals: string[] = [];
  for (const base of candidates(env).filter(isShort)) {
    try {
      const path = await mkdtemp(join(base, 'migplan-'));
      return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
    } catch (error) {
      refusals.push((error as Error).message);
    }
  }
  throw new Error(`no folder for sockets can be made: ${refusals.join('; ')}`);
}
