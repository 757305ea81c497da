import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const MiB = 2 ** 20;
let folder: string;
let installed: string;

/** As a user gets it: packed from what `npm run build` made of this checkout, installed with a prefix of its own. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'migplan-package-'));
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder]);
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? 'none';
  const options = ['--prefer-offline', '--no-audit', '--no-fund'];
  await run('npm', ['install', '--global', '--prefix', join(folder, 'prefix'), ...options, join(folder, tarball)]);
  installed = join(folder, 'prefix/lib/node_modules/migplan');
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** In the environment of a CI job that tests something. */
const env = { ...process.env, CI: 'true', GITHUB_ACTIONS: 'true', NODE_ENV: 'test' };
const migplan = (...args: string[]) => run(join(folder, 'prefix/bin/migplan'), args, { cwd: folder, env });

test('what is installed answers, and knows its schemas', async () => {
  expect((await migplan('--version')).stdout).toMatch(/^migplan \d/);
  expect((await migplan('plan', '--help')).stdout).toContain('--detailed-exitcode');
  await migplan('init', '--chdir', folder);
  expect((await migplan('validate', '--chdir', folder)).stdout).toContain('Success!');
});

test('the package holds what runs, the licenses of what it bundles, and nothing to develop with', async () => {
  const names = (await readdir(installed, { recursive: true })).filter((name) => !name.startsWith('node_modules'));
  expect(names).toEqual(expect.arrayContaining(['oclif.manifest.json', 'schemas/plan.schema.json', 'dist/cli/LICENSES.txt']));
  expect(names.filter((name) => /\.map$|^(src|test|lab|docs|dist\/(src|lab))/.test(name))).toEqual([]);
  const licenses = await readFile(join(installed, 'dist/cli/LICENSES.txt'), 'utf8');
  expect(licenses).toMatch(/^undici \d[^\n]*\n\nMIT License/m);
  expect(licenses).toMatch(/^strong-soap \d[^\n]*\n\n.*IBM Corp\./m);
});

test('it brings its libraries along: nothing is installed beside it, and it is small', async () => {
  await expect(readdir(join(installed, 'node_modules'))).rejects.toThrow('ENOENT');
  const { stdout } = await run('du', ['-sb', installed]);
  expect(Number.parseInt(stdout, 10)).toBeLessThan(10 * MiB);
});

test('commands that the framework brings answer as well', async () => {
  expect((await migplan('help', 'plan')).stdout).toContain('--detailed-exitcode');
  expect((await migplan('autocomplete', 'script', 'bash')).stdout).toContain('MIGPLAN_AC_BASH');
  await expect(migplan('plna')).rejects.toMatchObject({
    code: 1,
    stderr: ' ›   Warning: plna is not a migplan command.\n ›   Error: Run migplan help for a list of available commands.\n',
  });
});
