import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/diag/exit-codes.js';
import { loadProject } from '../../src/manifest/load.js';
import { commandNames } from '../cli/command-classes.js';

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
const blocks = [...readme.matchAll(/```yaml\n# (\S+)\n([\s\S]*?)```/g)].map(([, path, text]) => ({ path: path!, text: text! }));

describe('the README', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'readme-'));
    for (const { path, text } of blocks) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('shows a configuration that is valid as it stands', async () => {
    const { diagnostics, migrations } = await loadProject({ cwd: folder, env: {} });
    expect(blocks.map(({ path }) => path)).toEqual(['migplan.yaml', 'manifests/erp-db01.yaml']);
    expect(diagnostics).toEqual([]);
    expect(migrations.map(({ address, phase }) => `${address} ${phase}`)).toEqual(['vm/erp-db01 seed']);
  });

  test('names every exit code a user can meet', () => {
    const rows = [...readme.matchAll(/^\| ([\d, ]+) \| /gm)].flatMap(([, codes]) => codes!.split(',').map(Number));
    expect(rows.sort((a, b) => a - b)).toEqual(Object.values(exitCodes).sort((a, b) => a - b));
  });

  test('names every command', async () => {
    for (const name of commandNames) expect(readme).toContain(`\`migplan ${name}`);
  });
});
