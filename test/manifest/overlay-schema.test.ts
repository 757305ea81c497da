import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadProject } from '../../src/manifest/load.js';
import { overlaySchemaText } from '../../src/manifest/schema/schema.js';
import { changed, fullMigration, fullProject, leavesOf, type Plain } from './full-documents.js';
import { inFolder } from './in-folder.js';

// What an editor says of an overlay, beside what the loader says of it.
const schema = JSON.parse(overlaySchemaText()) as Plain;
const accepts = new Ajv({ strict: false }).compile(schema);
const { variables, environments, include, ...overProject } = fullProject.spec;
const overlay = (spec: unknown): Plain => ({ apiVersion: fullProject.apiVersion, kind: 'Overlay', spec });
const full = { ...overProject, migrations: { web01: fullMigration.spec } };

type Path = readonly string[];

/** Up to the first list: those are replaced whole. */
const places: readonly Path[] = [
  ...new Map(
    leavesOf(full).map((leaf) => {
      const end = leaf.findIndex((step) => typeof step === 'number');
      const path = (end < 0 ? leaf : leaf.slice(0, end)).map(String);
      return [path.join('.'), path];
    }),
  ).values(),
];
const at = (path: Path): unknown => path.reduce<unknown>((value, step) => (value as Plain)[step], full);
const only = (path: Path, value: unknown): unknown => path.reduceRight((inner, step) => ({ [step]: inner }), value);

describe('the schema of overlays', () => {
  test.each(places.map((path) => [path.join('.'), path] as const))('%s may stand alone, and be taken away', (_, path) => {
    expect([accepts(overlay(only(path, at(path)))), accepts.errors]).toEqual([true, null]);
    expect(accepts(overlay(only(path, null)))).toBe(true);
  });

  test('any part of what a Project and a Migration may say is an overlay', () => {
    fc.assert(
      fc.property(fc.subarray([...places]), (left) => {
        const part = left.reduce<unknown>((rest, path) => changed(rest, path), full);
        expect(accepts(overlay(part))).toBe(true);
      }),
    );
  });

  test.each([
    ...[{ variables }, { environments }, { include }],
    { limit: { transfers: 1 } },
    { limits: { transfer: 1 } },
    { limits: { transfers: 'four' } },
    { providers: { 'vc-other': { servr: 'vc' } } },
    { providers: { 'vc-other': { tls: { cafile: 'ca.pem' } } } },
    { providers: { 'cloud-other': { access: { type: 'nbd' } } } },
    { defaults: { target: { volumetype: 'ssd' } } },
    { migrations: { web01: { phase: 'seeding' } } },
    { migrations: { web01: { spec: { phase: 'seed' } } } },
    { migrations: { 'not a name': { phase: 'seed' } } },
  ])('%j is none', (spec) => expect(accepts(overlay(spec))).toBe(false));
});

/** What migplan says of a project with this overlay, in the environment that it is of. */
const said = (overlaySpec: unknown): Promise<string[]> =>
  inFolder(
    {
      'migplan.yaml': JSON.stringify(fullProject),
      'vms/vm.yaml': JSON.stringify(fullMigration),
      'overlays/test.yaml': JSON.stringify(overlay(overlaySpec)),
    },
    async (cwd) => {
      const { diagnostics } = await loadProject({ cwd, env: {}, environment: 'test' });
      return diagnostics.filter(({ source }) => source?.file === 'overlays/test.yaml').map(({ code }) => code);
    },
  );

test.each([
  [{ providers: { 'cloud-other': { cloud: 'prod' } }, defaults: { limits: { delta: '50GiB' } } }, []],
  [{ migrations: { web01: { window: null, phase: 'seed', cutover: null } } }, []],
  [{ limits: { transfer: 1 } }, ['MP1002']],
  [{ migrations: { web01: { target: { volumetype: 'ssd' } } } }, ['MP1002']],
  [{ include: ['vms/*.yaml'] }, ['MP1002']],
  [{ polcy: null, defaults: { widnow: null } }, ['MP1002', 'MP1002']],
  [{ migrations: { web01: { limits: { dleta: null } } } }, ['MP1002']],
  [{ migrations: [{ web01: { phase: 'seed' } }] }, ['MP1004']],
  [{ migrations: { web01: null } }, ['MP1004']],
  [{ migrations: null }, ['MP1004']],
  [['limits'], ['MP1004']],
])('editor and migplan agree on %j', async (spec, codes) => {
  expect(await said(spec)).toEqual(codes);
  expect(accepts(overlay(spec))).toBe(codes.length === 0);
});
