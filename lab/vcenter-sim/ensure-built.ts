import { execFile } from 'node:child_process';
import { mkdir, readdir, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const WAIT_MS = 100;
const WAITS_MAX = 1200;
/** Folder of what the compiler leaves out: it has no output here, and would be newer than that for ever. */
const FOR_BROWSERS = '/browser/';

/**
 * Compiles the project for tests that start simulators as processes, unless what they need is already newer than its
 * source. Test files run at the same time: one compiles, the others wait, and nobody loads half-written files.
 */
export async function ensureBuilt(root: string, folders: readonly string[]): Promise<void> {
  const lock = join(root, 'dist', '.building');
  await mkdir(join(root, 'dist'), { recursive: true });
  for (let wait = 0; wait < WAITS_MAX; wait++) {
    const isMine = await mkdir(lock).then(
      () => true,
      () => false,
    );
    if (isMine) {
      try {
        if (await isStale(root, folders)) await compile(root);
        return;
      } finally {
        await rmdir(lock);
      }
    }
    await sleep(WAIT_MS);
  }
  throw new Error(`${lock} is held for too long; remove it if nobody compiles`);
}

/** A compiler that complains about another folder has still written ours; whether ours works is what gets tested. */
async function compile(root: string): Promise<void> {
  await run(process.execPath, [
    join(root, 'node_modules/typescript-native/bin/tsc'),
    '-p',
    join(root, 'tsconfig.build.json'),
  ]).catch(() => undefined);
}

async function isStale(root: string, folders: readonly string[]): Promise<boolean> {
  for (const folder of folders) {
    for (const name of await readdir(join(root, folder), { recursive: true })) {
      if (!name.endsWith('.ts') || name.endsWith('.d.ts') || name.endsWith('.test.ts') || name.includes(FOR_BROWSERS)) continue;
      const source = await modified(join(root, folder, name));
      if (source > (await modified(join(root, 'dist', folder, name.replace(/\.ts$/, '.js'))))) return true;
    }
  }
  return false;
}

const modified = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
