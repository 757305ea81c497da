import { describe, expect, test } from 'vitest';
import { type ValidatedProject, validateProject } from '../../src/engine/validate-project.js';
import { inFolder, migrationText, projectText } from '../manifest/in-folder.js';

type Files = Readonly<Record<string, string>>;

const validated = (files: Files, asked: { environment?: string; env?: Readonly<Record<string, string>> } = {}) =>
  inFolder({ 'manifests/vm.yaml': migrationText('web01'), ...files }, (cwd) => validateProject({ cwd, env: {}, ...asked }));

const told = ({ diagnostics }: ValidatedProject): string[] =>
  diagnostics.map(
    ({ code, source, detail }) => `${code} ${source?.file}:${source?.start.line}:${source?.start.column} ${detail}`,
  );

const overlay = (spec: string): string => `apiVersion: migplan.dev/v1alpha1\nkind: Overlay\nspec: ${spec}\n`;
const project = (rest = ''): string =>
  projectText(`  environments: {test: {overlay: test.yaml}, prod: {overlay: prod.yaml}}\n${rest}`);
const good = {
  'migplan.yaml': project(),
  'test.yaml': overlay('{limits: {transfers: 2}}'),
  'prod.yaml': overlay('{limits: {}}'),
};

describe('without an environment, all of them are looked at', () => {
  test('and nothing is said where nothing is wrong', async () => {
    const found = await validated(good);
    expect([told(found), found.files, found.environments]).toEqual([[], 4, ['test', 'prod']]);
  });

  test('what is wrong in an overlay is told with its place, and the environment', async () => {
    const found = await validated({
      ...good,
      'prod.yaml': overlay('{limits: {transferts: 3}, migrations: {web02: {phase: seed}}}'),
    });
    expect(told(found)).toEqual([
      expect.stringMatching(/^MP1002 prod\.yaml:3:17 in environment prod: .*transferts/) as unknown,
      'MP1047 prod.yaml:3:46 in environment prod: no manifest is called "web02"',
    ]);
  });

  test('an overlay that is not there, and one that several share, are told once', async () => {
    const shared = projectText('  environments: {a: {overlay: none.yaml}, b: {overlay: none.yaml}}');
    expect((await validated({ 'migplan.yaml': shared })).diagnostics).toMatchObject([
      { code: 'MP1012', detail: expect.stringMatching(/^in environment a, b: none\.yaml cannot be read/) as unknown },
    ]);
  });

  test('what is wrong without any is told once, and no environment is blamed for it', async () => {
    const found = await validated({ ...good, 'manifests/vm.yaml': migrationText('web01', '  what: 1') });
    expect(told(found)).toEqual([expect.stringMatching(/^MP1002 manifests\/vm\.yaml:7:3 spec has no field "what"/) as unknown]);
  });

  test('a variable that only an overlay uses is of use; one that none uses is not', async () => {
    const files = { ...good, 'prod.yaml': overlay('{limits: {transfers: "${var.n}"}}') };
    const variables = (names: string) => ({ ...files, 'migplan.yaml': project(`  variables: ${names}`) });
    expect(told(await validated(variables('{n: {default: 2}}')))).toEqual([]);
    expect(told(await validated(variables('{n: {default: 2}, m: {default: 2}}')))).toEqual([
      'MP1044 migplan.yaml:9:32 variable m is declared and used nowhere',
    ]);
  });
});

test('with an environment, that one alone is looked at', async () => {
  const files = { ...good, 'prod.yaml': overlay('{limits: {transferts: 3}}') };
  for (const asked of [{ environment: 'test' }, { env: { MIGPLAN_ENV: 'test' } }]) {
    const found = await validated(files, asked);
    expect([told(found), found.environments]).toEqual([[], []]);
  }
  expect(told(await validated(files, { environment: 'prod' }))[0]).toMatch(/^MP1002 prod\.yaml:3:17 limits has no field/);
});
