import { describe, expect, test } from 'vitest';
import type { ObservedVm } from '../../src/model/observed-source.js';
import type { ObservedServer, TargetCatalog } from '../../src/model/observed-target.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import * as s from './plan-fixture.js';

const some = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, 'x']));
const tags = (count: number): string[] => Array.from({ length: count }, (_, index) => `tag${index}`);

interface Row {
  readonly name: string;
  readonly wants?: object;
  readonly source?: { readonly metadata?: Record<string, string>; readonly tags?: string[] };
  readonly quota?: TargetCatalog['quota'];
  readonly server?: ObservedServer;
  readonly says: readonly string[];
}

const max = { serverMetadataMax: 128 };
const tooMany = (count: number): string =>
  `error MP2067 the server would get ${count} items of metadata, with that of migplan, and cloud keeps 128 of a server`;

const rows: readonly Row[] = [
  { name: 'Nova’s limit, migplan’s own item counted', source: { metadata: some(127) }, quota: max, says: [] },
  { name: 'one more than Nova keeps', source: { metadata: some(128) }, quota: max, says: [tooMany(129)] },
  { name: 'the limit is not told', source: { metadata: some(500) }, says: [] },
  { name: 'the manifest asks for more', wants: { metadata: some(200) }, quota: max, says: [tooMany(201)] },
  { name: 'the manifest names fewer', wants: { metadata: some(3) }, source: { metadata: some(200) }, quota: max, says: [] },
  {
    name: 'what no cloud would store does not count',
    source: { metadata: { ...some(127), größe: 'x', y: 'é' } },
    quota: max,
    says: [],
  },
  { name: 'as many tags as Nova keeps', source: { tags: tags(50) }, says: [] },
  {
    name: 'more tags',
    wants: { tags: tags(51) },
    says: ['error MP2067 the server would get 51 tags, and Nova keeps 50 of a server'],
  },
  {
    name: 'the server is there already',
    source: { metadata: some(200) },
    quota: max,
    server: { id: s.serverId('srv'), name: 'erp-db01', status: 'ACTIVE' },
    says: [],
  },
];

describe('a server with more notes than Nova keeps is known in the plan', () => {
  test.each(rows)('$name', ({ wants = {}, source = {}, quota = {}, server, says }) => {
    const vm: ObservedVm = s.cloudVm({ power: 'off' });
    const observed = s.observed({
      source: { kind: 'found', vm: { ...vm, openstackGuest: { ...vm.openstackGuest!, ...source } } },
      volumes: {},
      catalog: { ...s.catalog, quota },
      ...(server !== undefined && { server }),
    });
    const target = { provider: 'cloud', server: { name: 'erp-db01', flavor: 'm1.large', networks: ['skip' as const], ...wants } };
    const { diagnostics } = planMigration(s.desired({ ...s.cutover, target }), observed, { now: s.NOW });
    const notes = diagnostics.filter(({ code }) => code !== 'MP2087');
    expect(notes.map(({ severity, code, detail }) => `${severity} ${code} ${detail}`)).toEqual(says);
  });
});

describe('a virtual TPM with keys of a Windows guest', () => {
  const plan = (family: 'windows' | 'linux', imageMetadata: Record<string, string>, over: object = s.cutover) => {
    const vm = s.cloudVm({ power: 'off', guest: { id: 'win', fullName: 'Windows 11', family } });
    const seen = {
      ...vm,
      openstackGuest: { ...vm.openstackGuest!, imageMetadata: { ...vm.openstackGuest!.imageMetadata, ...imageMetadata } },
    };
    const observed = s.observed({ source: { kind: 'found', vm: seen }, volumes: {} });
    return planMigration(s.desired(over), observed, { now: s.NOW }).diagnostics.map(
      ({ severity, code }) => `${severity} ${code}`,
    );
  };

  test('is a warning before the cutover: it would ask for its recovery key', () => {
    expect(plan('windows', { hw_tpm_version: '2.0' })).toContain('warning MP2068');
  });
  test.each([
    ['a guest that seals nothing with it by itself', 'linux', { hw_tpm_version: '2.0' }, s.cutover],
    ['no such device', 'windows', {}, s.cutover],
    ['a seed, after which the source goes on', 'windows', { hw_tpm_version: '2.0' }, s.seed],
  ] as const)('%s: no warning', (_name, family, metadata, over) => {
    expect(plan(family, metadata, over)).not.toContain('warning MP2068');
  });
});
