import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { starterFiles } from '../../src/cli/starter-files.js';
import { loadProject } from '../../src/manifest/load.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'init-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('what init writes is a valid project', async () => {
  for (const { path, text } of starterFiles()) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const { diagnostics, migrations } = await loadProject({ cwd: folder, env: {} });
  expect(diagnostics).toEqual([]);
  expect(migrations.map(({ name, phase }) => `${name} ${phase}`)).toEqual(['example seed']);
});

test('editors find the schemas that the modelines name', async () => {
  const paths = starterFiles().map(({ path }) => path);
  for (const { path, text } of starterFiles()) {
    const named = /\$schema=(\S+)/.exec(path.endsWith('.yaml') ? text : '')?.[1];
    if (named !== undefined) expect(paths).toContain(join(dirname(path), named));
  }
});

test('the shipped schemas are the ones it writes', async () => {
  for (const { path, text } of starterFiles().filter((file) => file.path.startsWith('schemas/'))) {
    expect(await readFile(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(text);
  }
});
