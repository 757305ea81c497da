import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeNewFiles } from '../../src/cli/write-new-files.js';
import { DiagnosticsError } from '../../src/diag/diagnostic.js';
import { makeFolders } from '../../src/host/make-folders.js';
import { writeOutput } from '../../src/host/output-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'output-'));
});
afterEach(() => rm(folder, { recursive: true }));

const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'written',
    (error: Error) => error.message.replaceAll(folder, ''),
  );

describe('what somebody pointed at', () => {
  test('a file is replaced as a whole; folders are made', async () => {
    const path = join(folder, 'new/plans/plan.json');
    await writeOutput(path, 'one');
    await writeOutput(path, 'two');
    expect(await readFile(path, 'utf8')).toBe('two');
    expect(await readdir(join(folder, 'new/plans'))).toEqual(['plan.json']);
  });

  test('a link stays a link, and what it names is written, also when it is not there yet', async () => {
    await mkdir(join(folder, 'plans'));
    await writeFile(join(folder, 'plans/old.json'), 'old');
    await symlink('plans/old.json', join(folder, 'latest'));
    await symlink('latest', join(folder, 'twice'));
    await symlink('plans/none.json', join(folder, 'dangling'));
    await writeOutput(join(folder, 'twice'), 'new');
    await writeOutput(join(folder, 'dangling'), 'made');
    expect(await readlink(join(folder, 'latest'))).toBe('plans/old.json');
    expect(await readlink(join(folder, 'dangling'))).toBe('plans/none.json');
    expect(await readFile(join(folder, 'plans/old.json'), 'utf8')).toBe('new');
    expect(await readFile(join(folder, 'plans/none.json'), 'utf8')).toBe('made');
  });

  test('/dev/null stays what it is, also by a link', async () => {
    await symlink('/dev/null', join(folder, 'null'));
    await writeOutput(join(folder, 'null'), 'text');
    await writeOutput('/dev/null', 'text');
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
    expect((await lstat(join(folder, 'null'))).isSymbolicLink()).toBe(true);
  });

  test('a pipe is written to when somebody reads it, and else refused at once', async () => {
    const path = join(folder, 'pipe');
    execFileSync('/usr/bin/mkfifo', [path]);
    expect(await failure(writeOutput(path, 'text'))).toBe('/pipe is a pipe that nobody reads');
    const reading = readFile(path, 'utf8');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await writeOutput(path, 'text');
    expect(await reading).toBe('text');
    expect((await stat(path)).isFIFO()).toBe(true);
  });

  test('a folder, a socket and links in a circle are refused', async () => {
    expect(await failure(writeOutput(folder, 'text'))).toBe(' is a folder');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve));
    expect(await failure(writeOutput(join(folder, 'socket'), 'text'))).toBe('/socket is no file that can be written');
    await new Promise((resolve) => server.close(resolve));
    await symlink('circle', join(folder, 'circle'));
    expect(await failure(writeOutput(join(folder, 'circle'), 'text'))).toMatch(/ELOOP|do not end/);
  });

  test('a folder that can never be made is an error, and not tried for ever', async () => {
    expect(await failure(writeOutput('/proc/x/y/plan.json', 'text'))).toMatch(/ENOENT|EACCES|EPERM/);
    expect(await failure(makeFolders('/proc/x/y'))).toMatch(/ENOENT|EACCES|EPERM/);
  });
});

describe('new files', () => {
  const codes = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'written',
      (error: unknown) => (error instanceof DiagnosticsError ? error.diagnostics.map(({ code }) => code).join() : error),
    );

  test('never go through a link, not even one that leads nowhere', async () => {
    await symlink('/nowhere/else', join(folder, 'b.yaml'));
    const files = [
      { path: 'a.yaml', text: 'a' },
      { path: 'b.yaml', text: 'b' },
    ];
    expect(await codes(writeNewFiles(folder, files))).toBe('MP1020');
    expect(await readdir(folder)).toEqual(['b.yaml']);
  });

  test('are all there or none, when one cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    const files = [
      { path: 'a.yaml', text: 'a' },
      { path: 'file/b.yaml', text: 'b' },
    ];
    expect(await codes(writeNewFiles(folder, files))).toBe('MP1020');
    expect(await readdir(folder)).toEqual(['file']);
  });
});

test('files are written by the functions that are made for it, and folders by makeFolders', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const using = (words: RegExp) => files.filter((name) => words.test(readFileSync(join('src', name), 'utf8'))).sort();
  expect(using(/\brename\(|from 'node:fs'.*rename/)).toEqual([
    'host/durable-file.ts',
    // In a private folder of this run.
    'host/log-file.ts',
    'host/rewrite-file.ts',
    'state/state-folder.ts',
  ]);
  expect(using(/mkdir\([^)]*recursive/)).toEqual([]);
  expect(using(/\bwriteFile\(/)).toEqual([
    // A new file that is never anybody's: wx, or in a private folder of this run.
    'cli/write-new-files.ts',
    'convert/virt-v2v.ts',
    'engine/bundle/write-archive.ts',
    'host/durable-file.ts',
    'host/output-file.ts',
    'host/ssh-signature.ts',
    'state/backend/file-lock.ts',
    'transfer/check-need.ts',
    'transfer/extent-list.ts',
    'transfer/volume-export.ts',
  ]);
});
