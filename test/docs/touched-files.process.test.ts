import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Beginning, ScratchCopy } from './touched-files.js';

const contributing = await readFile(new URL('../../CONTRIBUTING.md', import.meta.url), 'utf8');

/** Rows of the table of what is added, by what is added: their other cells. */
const rows = new Map(
  [...contributing.matchAll(/^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)].map(([, add, begin, compiler, besides]) => [
    add!,
    { begin: begin!, compiler: compiler!, besides: besides! },
  ]),
);
const pathsIn = (cell: string): string[] => [...cell.matchAll(/`([\w./<>*-]+\.\w+)`/g)].map(([, path]) => path!);

const check = (kind: string): Beginning => ({
  file: 'src/plan/checks/check-table.ts',
  before: "  'source-state': {",
  text: `  fixture: { kind: '${kind}', looksAt: 'nothing', about: 'target', says: ['MP2011'] },\n`,
});

const beginnings: Readonly<Record<string, Beginning>> = {
  action: {
    file: 'src/plan/core/action.ts',
    before: "  'enable-cbt': {",
    text: "  fixture: { readonly kind: 'fixture'; readonly disk: DiskKey };\n",
  },
  'field of an action': {
    file: 'src/plan/core/action.ts',
    before: "readonly kind: 'enable-cbt'",
    text: 'readonly fixture?: string; ',
  },
  'type of provider': {
    file: 'src/model/provider-types.ts',
    before: '  openstack: {',
    text: `  fixture: {
    word: 'fixture', idOf: 'fixture', selectors: ['vm'], isTarget: false, tells: { flavor: false, networks: false }, rehearses: false,
  },\n`,
  },
  'way to read a vSphere disk': {
    file: 'src/manifest/schema/provider-shapes.ts',
    before: "'vddk'], {",
    text: "'fixture', ",
  },
  'check of one migration': check('migration'),
  'check of all VMs of a plan': check('together'),
  'check that tries something out': check('look'),
  command: {
    file: 'src/commands/fixture.ts',
    text: "import { BaseCommand } from '../cli/base-command.js';\nexport default class Fixture extends BaseCommand {\n  async run(): Promise<void> {}\n}\n",
  },
  diagnostic: { file: 'src/diag/catalog.ts', before: '  MP6007: ', text: "  MP6999: 'Fixture',\n" },
};

const nothing: Beginning = { file: 'src/nothing.ts', text: 'export const nothing = 0;\n' };

const noticing = {
  'type of provider': 'test/model/provider-types.test.ts',
  command: 'test/docs/readme.test.ts',
  diagnostic: 'test/diag/catalog.test.ts',
} as const;

describe('what the table in CONTRIBUTING.md says of an addition is what happens', () => {
  let scratch: ScratchCopy;
  beforeAll(async () => {
    scratch = await ScratchCopy.make();
    expect(await scratch.demandedBy(nothing)).toEqual([]);
  });
  afterAll(() => scratch[Symbol.asyncDispose]());

  test.each(Object.entries(beginnings))('%s', async (add, beginning) => {
    const row = rows.get(add);
    expect(row?.begin).toContain(beginning.file.replace('src/', '').replace('fixture', '<name>'));
    expect(await scratch.demandedBy(beginning)).toEqual(
      pathsIn(row!.compiler).map((path) => path.replace('<kind>', 'enable-cbt')),
    );
  });

  test.each(Object.entries(noticing))('%s: the test that the row names notices it', async (add, file) => {
    expect(rows.get(add)?.besides).toContain(file);
    expect(await scratch.isNoticed(beginnings[add]!, file)).toBe(true);
  });

  test('and where nothing is added, they notice nothing', async () => {
    expect(await scratch.isNoticed(nothing, ...Object.values(noticing))).toBe(false);
  });
});
