import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');

export interface Compiled extends AsyncDisposable {
  /** URL of a compiled module, for example `transfer/index.js`. */
  url(module: string): string;
}

/** Compiles src/ for a Node process of its own: one that a test may kill. It lies where it finds our dependencies. */
export async function compileSources(name: string): Promise<Compiled> {
  const folder = join(root, 'node_modules/.cache', `${name}-${process.pid}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const tsc = join(root, 'node_modules/typescript-native/bin/tsc');
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', folder];
  // Whether all of it type checks is not this test's question: the files are written in any case.
  await promisify(execFile)(process.execPath, args, { cwd: root }).catch(() => undefined);
  return {
    url: (module) => pathToFileURL(join(folder, 'src', module)).href,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

export interface RunningProcess {
  readonly pid: number;
  /** Arguments, separated by blanks. */
  readonly command: string;
}

/** Processes that have `mark` in their arguments. Ones that have ended are not counted, even if nobody has waited for them. */
export async function processesWith(mark: string): Promise<RunningProcess[]> {
  const found: RunningProcess[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const command = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(mark)) found.push({ pid: Number(entry), command: command.replaceAll('\0', ' ') });
  }
  return found.filter(({ pid }) => pid !== process.pid);
}
