import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChild } from '../../src/host/child.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM_TIMEOUT_MS = 600_000;
const folders = ['src', 'lab', 'test', 'scripts', 'bin'];

/** One change that somebody begins with, as an edit of one file of the project. */
export interface Beginning {
  readonly file: string;
  /** Where it is put; a text that is not there is an error. Absent: the file is new. */
  readonly before?: string;
  readonly text: string;
}

/** The project's sources in a place of their own, inside of it, so that packages are found. */
export class ScratchCopy implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  static async make(): Promise<ScratchCopy> {
    const cache = join(root, 'node_modules/.cache');
    await mkdir(cache, { recursive: true });
    const folder = await mkdtemp(join(cache, 'touched-'));
    for (const name of folders) await cp(join(root, name), join(folder, name), { recursive: true });
    for (const name of ['tsconfig.json', 'package.json', 'vitest.config.ts', 'README.md'])
      await cp(join(root, name), join(folder, name));
    await symlink(join(root, 'schemas'), join(folder, 'schemas'));
    return new ScratchCopy(folder);
  }

  /** Files that do not compile any more after the change: below src, or with the name of their folder. Sorted. */
  demandedBy(beginning: Beginning): Promise<string[]> {
    return this.with(beginning, () => this.brokenFiles());
  }

  /** Whether one of these tests notices the change. */
  isNoticed(beginning: Beginning, ...tests: readonly string[]): Promise<boolean> {
    return this.with(beginning, async () => {
      const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'unit', ...tests];
      const { status, stdout } = await runChild({
        program: process.execPath,
        args,
        folder: this.folder,
        timeoutMs: PROGRAM_TIMEOUT_MS,
      });
      if (!/Tests .*\d+ (?:passed|failed)/.test(stdout))
        throw new Error(`${tests.join(' ')} did not run: ${stdout.slice(-2_000)}`);
      return status !== 0;
    });
  }

  private async with<T>({ file, before, text }: Beginning, look: () => Promise<T>): Promise<T> {
    const path = join(this.folder, file);
    const old = before === undefined ? undefined : await readFile(path, 'utf8');
    if (old !== undefined && !old.includes(before!)) throw new Error(`${file} has no: ${before}`);
    await writeFile(path, old === undefined ? text : old.replace(before!, () => `${text}${before}`));
    try {
      return await look();
    } finally {
      if (old === undefined) await rm(path);
      else await writeFile(path, old);
    }
  }

  /** What the compiler found before is kept beside: the second time it looks only at what changed. */
  private async brokenFiles(): Promise<string[]> {
    const chunks: Buffer[] = [];
    const incremental = ['--incremental', '--tsBuildInfoFile', 'known.tsbuildinfo'];
    const { status } = await runChild({
      program: process.execPath,
      args: [join(root, 'node_modules/typescript-native/bin/tsc'), '-p', 'tsconfig.json', '--pretty', 'false', ...incremental],
      folder: this.folder,
      onStdout: (chunk) => chunks.push(chunk),
      timeoutMs: PROGRAM_TIMEOUT_MS,
    });
    const text = Buffer.concat(chunks).toString('utf8');
    const files = [...text.matchAll(/^(\S+?)\(\d+,\d+\): error/gm)].map(([, name]) => name!.replace(/^src\//, ''));
    if ((status === 0) !== (files.length === 0)) throw new Error(`the compiler ended with ${status}: ${text.slice(0, 2_000)}`);
    return [...new Set(files)].sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
