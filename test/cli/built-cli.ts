import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');

export interface CliEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface BuiltCli extends AsyncDisposable {
  readonly folder: string;
  /** Runs bin/run.js with no terminal, in an empty folder unless told otherwise. */
  run(
    args: readonly string[],
    options?: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
  ): Promise<CliEnd>;
}

/** The package as it is shipped, compiled from the sources as they are now; it lies where it finds our dependencies. */
export async function buildCli(): Promise<BuiltCli> {
  const folder = join(root, 'node_modules/.cache', `cli-test-${process.pid}`);
  await mkdir(folder, { recursive: true });
  for (const part of ['package.json', 'bin', 'schemas']) await cp(join(root, part), join(folder, part), { recursive: true });
  await promisify(execFile)(process.execPath, [join(root, 'scripts/build.mjs'), folder]);
  const empty = await mkdtemp(join(tmpdir(), 'migplan-cli-test-'));
  return {
    folder,
    run: (given, { cwd = empty, env = {} } = {}) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [join(folder, 'bin/run.js'), ...given], {
          cwd,
          env: { PATH: process.env['PATH'], HOME: empty, NO_COLOR: '1', COLUMNS: '120', ...env },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        const told = { stdout: '', stderr: '' };
        for (const stream of ['stdout', 'stderr'] as const) {
          child[stream].setEncoding('utf8').on('data', (text: string) => {
            told[stream] += text;
          });
        }
        child.once('error', reject);
        child.once('close', (code) => resolve({ code, ...told }));
      }),
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
      await rm(empty, { recursive: true, force: true });
    },
  };
}
