import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LoadedProject } from '../../src/manifest/load.js';
import { readSwitches } from '../../src/manifest/migration/phase.js';
import { type ManifestKind, schemaText } from '../../src/manifest/schema/schema.js';
import { changed, fieldsOf, fullMigration, fullProject, httpState, isPlain, leavesOf, type Plain } from './full-documents.js';
import { loadFiles } from './in-folder.js';

// The published schema is checked as any editor would: by a validator that knows nothing of ours.
const published = (kind: ManifestKind): Plain => JSON.parse(schemaText(kind)) as Plain;
const accepts = (kind: ManifestKind) => new Ajv({ strict: false }).compile(published(kind));
const acceptsMigration = accepts('Migration');
const acceptsProject = accepts('Project');

const load = (migration: unknown, project: unknown = fullProject): Promise<LoadedProject> =>
  loadFiles({ 'migplan.yaml': JSON.stringify(project), 'vms/vm.yaml': JSON.stringify(migration) });

/** What the loader makes of it, without places and without the folder, which is another one each time. */
async function meaning(migration: unknown, project?: unknown): Promise<string> {
  const { files: _files, configDigest: _digest, ...loaded } = await load(migration, project);
  const isPlace = (key: string, value: unknown): boolean =>
    key === 'ranges' || (isPlain(value) && 'start' in value && 'file' in value);
  const text = JSON.stringify(loaded, (key, value: unknown) => (isPlace(key, value) ? undefined : value));
  return text.replaceAll(loaded.project?.folder ?? '/none', '');
}

test('the same documents mean the same', async () => {
  expect(await meaning(fullMigration)).toBe(await meaning(fullMigration));
});

const steps = (path: readonly (string | number)[], records: RegExp): string =>
  path
    .map((step) => (typeof step === 'number' ? '[]' : step))
    .join('.')
    .replace(records, '$1.*');

describe('no field of the schema is overlooked by the loader', () => {
  // Said in another way in the full document.
  const notTogether = [
    'spec.source.instanceUuid',
    'spec.source.moref',
    'spec.source.server',
    'spec.source.rehearsal',
    'spec.window.start',
    'spec.window.end',
    'spec.providers.*.tls.thumbprint',
    'spec.policy.windows.*.start',
    'spec.policy.windows.*.end',
  ];
  const cases = [
    {
      kind: 'Migration',
      full: fullMigration,
      records: /^(metadata\.labels|spec\.target\.mapping\.\w+|spec\.target\.imageMetadata|spec\.target\.server\.metadata)\.\w+/,
    },
    {
      kind: 'Project',
      full: fullProject,
      records: /^(spec\.(?:providers|windows|variables|environments|policy\.(?:windows|freezes|phases)))\.[\w-]+/,
    },
  ] as const;

  test.each(cases)('the full $kind has every field', ({ kind, full, records }) => {
    expect((kind === 'Project' ? acceptsProject : acceptsMigration)(full)).toBe(true);
    const others = kind === 'Project' ? leavesOf({ spec: { state: httpState } }) : [];
    const present = new Set([...leavesOf(full), ...others].map((path) => steps(path, records)));
    const missing = fieldsOf(published(kind))
      .filter((field) => !field.startsWith('spec.defaults.') && !notTogether.includes(field))
      .filter((field) => !/^spec\.windows\.\*\.(cron|duration|timezone)$/.test(field))
      .filter((field) => ![...present].some((path) => path === field || path.startsWith(`${field}.`)));
    expect(missing).toEqual([]);
  });

  // phase follows from cutover and the other way round; their table has a test of its own.
  const followsFromOther = ['spec.phase', 'spec.cutover'];
  const migrationLeaves = leavesOf(fullMigration).map((path) => [path.join('.'), path] as const);
  test.each(migrationLeaves.filter(([name]) => !followsFromOther.includes(name)))('Migration %s matters', async (_, path) => {
    expect(await meaning(changed(fullMigration, path))).not.toBe(await meaning(fullMigration));
  });

  const projectLeaves = leavesOf(fullProject).map((path) => [path.join('.'), path] as const);
  test.each(projectLeaves)('Project %s matters', async (_, path) => {
    expect(await meaning(fullMigration, changed(fullProject, path))).not.toBe(await meaning(fullMigration));
  });

  const withHttp = (state: unknown) => changed(fullProject, ['spec', 'state'], state);
  test.each(leavesOf(httpState))('Project spec.state.%s matters', async (...path) => {
    const whole = await load(fullMigration, withHttp(httpState));
    expect(whole.diagnostics).toEqual([]);
    expect(acceptsProject(withHttp(httpState))).toBe(true);
    expect(await meaning(fullMigration, withHttp(changed(httpState, path)))).not.toBe(
      await meaning(fullMigration, withHttp(httpState)),
    );
  });
});

const semantic: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'cron expression of five fields': fc.constantFrom('0 22 * * *', '*/15 1-3 * * MON-FRI', '0 0 1 JAN,JUL *'),
  'time zone name': fc.constantFrom('UTC', 'Europe/Madrid', 'Asia/Kolkata'),
  'IP address': fc.oneof(fc.ipV4(), fc.ipV6()),
  'IP address or CIDR': fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant('10.20.4.0/28')),
};

/** Random values that a schema allows. What only the loader can know (names of providers, real dates) is put right below. */
function valuesOf(schema: Plain): fc.Arbitrary<unknown> {
  if (schema['const'] !== undefined) return fc.constant(schema['const']);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as string[]));
  const types = [schema['type']].flat() as string[];
  return fc.oneof(...types.map((type) => valuesOfType(type, schema)));
}

function valuesOfType(type: string, schema: Plain): fc.Arbitrary<unknown> {
  if (type === 'null') return fc.constant(null);
  if (type === 'boolean') return fc.boolean();
  if (type === 'integer') return fc.integer({ min: schema['minimum'] as number, max: schema['maximum'] as number });
  if (type === 'array') return fc.array(valuesOf(schema['items'] as Plain), { maxLength: 3 });
  if (type === 'object') return objectsOf(schema);
  const known = semantic[String(schema['title'])];
  if (known !== undefined) return known;
  const maxLength = (schema['maxLength'] as number | undefined) ?? 40;
  if (schema['pattern'] === undefined)
    return fc.string({ minLength: 1, maxLength, unit: 'grapheme' }).filter((text) => text.length <= maxLength);
  return fc.stringMatching(new RegExp(schema['pattern'] as string), { maxLength: Math.min(maxLength, 60) });
}

function objectsOf(schema: Plain): fc.Arbitrary<unknown> {
  if (isPlain(schema['additionalProperties'])) {
    const key = valuesOf(schema['propertyNames'] as Plain) as fc.Arbitrary<string>;
    return fc.dictionary(key, valuesOf(schema['additionalProperties']), { maxKeys: 3 });
  }
  const properties = Object.entries(schema['properties'] as Record<string, Plain>);
  const fields = Object.fromEntries(properties.map(([name, field]) => [name, valuesOf(field)]));
  return fc.record(fields, { requiredKeys: (schema['required'] ?? []) as string[] });
}

const timeSpan = { start: '2026-11-22T22:00:00Z', end: '2026-11-22T23:30+00:00' };

/** Corrects a random document where more than its shape counts. */
function madeMeaningful(document: unknown): unknown {
  const { spec, ...rest } = document as { spec: Plain };
  const { phase, cbtSync, cutover, ...others } = spec;
  const agreed = readSwitches({ phase, cbtSync, cutover } as object).kind === 'goal' ? { phase, cbtSync, cutover } : { phase };
  const { vm, instanceUuid, moref } = spec['source'] as Plain;
  const selector = [{ vm }, { instanceUuid }, { moref }].find((one) => Object.values(one)[0] !== undefined) ?? {
    vm: '/DC1/vm/x',
  };
  const target = isPlain(spec['target']) ? { ...spec['target'], provider: 'cloud-other' } : { provider: 'cloud-other' };
  const server =
    'server' in target && isPlain(target['server']) ? { server: { flavor: 'm1', networks: [], ...target['server'] } } : {};
  const window = isPlain(spec['window']) ? timeSpan : typeof spec['window'] === 'string' ? 'nightly' : spec['window'];
  return JSON.parse(
    JSON.stringify({
      ...rest,
      spec: { ...others, ...agreed, source: { provider: 'vc-other', ...selector }, target: { ...target, ...server }, window },
      // What would be a variable is meant as the text itself.
    }).replaceAll('${', () => '$${'),
  );
}

describe('schema and loader agree', () => {
  const documents = valuesOf(published('Migration')).map(madeMeaningful);

  test('what the schema allows becomes a desired migration', async () => {
    await fc.assert(
      fc.asyncProperty(documents, async (document) => {
        expect(acceptsMigration(document), JSON.stringify(acceptsMigration.errors)).toBe(true);
        const { diagnostics, migrations } = await load(document);
        expect(diagnostics).toEqual([]);
        expect(migrations).toHaveLength(1);
      }),
      { numRuns: 150, seed: 20261121 },
    );
  });

  const objectPaths = (value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] => {
    if (Array.isArray(value)) return value.flatMap((item, i) => objectPaths(item, [...path, i]));
    return isPlain(value) ? [path, ...Object.entries(value).flatMap(([key, inner]) => objectPaths(inner, [...path, key]))] : [];
  };
  const free = [
    ...['flavors', 'networks', 'keyPairs', 'securityGroups'].map((names) => `spec.target.mapping.${names}`),
    ...['metadata.labels', 'spec.target.imageMetadata', 'spec.target.server.metadata', 'spec.providers', 'spec.windows'],
    ...['spec.variables', 'spec.environments', 'spec.environments.test.variables'],
    'spec.providers.cloud-other.machineTypeMap',
    ...['phases', 'windows', 'freezes'].map((names) => `spec.policy.${names}`),
  ];
  const closed = (document: unknown) => objectPaths(document).filter((path) => !free.includes(path.join('.')));

  test.each(closed(fullMigration).map((path) => [path.join('.'), path] as const))(
    'both refuse an unknown field in Migration %s',
    async (_, path) => {
      const document = changed(fullMigration, [...path, 'unheardOf'], 1);
      expect(acceptsMigration(document)).toBe(false);
      const { diagnostics, migrations } = await load(document);
      expect(diagnostics.map(({ code }) => code)).toContain('MP1002');
      expect(migrations).toEqual([]);
    },
  );

  test.each(closed(fullProject).map((path) => [path.join('.'), path] as const))(
    'both refuse an unknown field in Project %s',
    async (_, path) => {
      const document = changed(fullProject, [...path, 'unheardOf'], 1);
      expect(acceptsProject(document)).toBe(false);
      const { diagnostics, project } = await load(fullMigration, document);
      expect(diagnostics.map(({ code }) => code)).toContain('MP1002');
      expect(project).toBeUndefined();
    },
  );

  const wrongValues = fc.constantFrom<unknown>(null, true, 0, 12.5, '', ' ', 'yes', '10 GB', [], {}, ['x'], { a: 1 });
  test('what the schema refuses, the loader refuses', async () => {
    const leaf = fc.constantFrom(...leavesOf(fullMigration));
    await fc.assert(
      fc.asyncProperty(leaf, wrongValues, async (path, value) => {
        const document = changed(fullMigration, path, value);
        fc.pre(!acceptsMigration(document));
        const { diagnostics, migrations } = await load(document);
        expect(migrations).toEqual([]);
        expect(diagnostics.length).toBeGreaterThan(0);
        expect(
          diagnostics.map(({ code }) => code),
          JSON.stringify(document),
        ).not.toContain('MP1001');
      }),
      { numRuns: 150, seed: 20261121 },
    );
  });
});
