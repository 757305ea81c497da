import { describe, expect, test } from 'vitest';
import type { DesiredMigration } from '../../src/model/desired.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import { driftOf } from '../../src/plan/drift.js';
import * as s from './plan-fixture.js';

const off = { source: { kind: 'found', vm: s.vm({ power: 'off' }) } } as const;
const converted = s.inState({ kind: 'converted', from: s.at(5) });
const withImage = (imageMetadata: Record<string, string>, world: Partial<ObservedMigration>): Partial<ObservedMigration> => ({
  ...world,
  volumes: { '2000': [s.volume({ ...world.volumes?.['2000']?.[0], imageMetadata })] },
});
const right = { hw_machine_type: 'pc', os_type: 'linux' };

const rows: readonly [string, Partial<DesiredMigration>, Partial<ObservedMigration>, readonly string[]][] = [
  ['a VM that is synchronised has no drift, however much it wrote meanwhile', {}, withImage(right, {}), []],
  ['one that was cut over and left alone', s.cutover, { ...withImage(right, converted), ...off }, []],
  [
    'the machine type of a converted volume was changed',
    s.cutover,
    { ...withImage({ ...right, hw_machine_type: 'q35' }, converted), ...off },
    ['MP2081'],
  ],
  [
    'another property of a converted volume was taken away',
    s.cutover,
    { ...withImage({ hw_machine_type: 'pc' }, converted), ...off },
    ['MP2088'],
  ],
  ['a property of a volume that is synchronised', {}, withImage({ ...right, hw_machine_type: 'q35' }, {}), ['MP2088']],
  ['the source runs again after the cutover', s.cutover, withImage(right, converted), ['MP2023']],
  [
    'the server was stopped',
    { ...s.cutover, ...s.withServer },
    { ...withImage(right, converted), ...off, server: { id: s.serverId('srv'), name: 'erp-db01', status: 'SHUTOFF' } },
    ['MP2026'],
  ],
  [
    'the server got another flavor',
    { ...s.cutover, ...s.withServer },
    {
      ...withImage(right, converted),
      ...off,
      server: { id: s.serverId('srv'), name: 'erp-db01', status: 'ACTIVE', make: { flavor: 'm1.huge' } },
    },
    ['MP2066'],
  ],
  ['tracking was reset', {}, s.inState({ kind: 'clean', at: s.at(5, 'other') }), ['MP2006']],
  [
    'a volume that was synchronised is gone',
    {},
    { volumes: { '2000': [] }, local: s.local({ lastSync: { '2000': '2026-05-31T11:00:00Z' } }) },
    ['MP2088'],
  ],
  ['a volume that was never made is none', {}, { volumes: { '2000': [] } }, []],
  [
    'another disk is in the slot',
    {},
    { volumes: { '2000': [s.volume({ reading: s.reading({ kind: 'clean', at: s.at(5) }, { diskUuid: 'other' }) })] } },
    ['MP2008'],
  ],
  [
    'the disk has grown',
    {},
    { volumes: { '2000': [s.volume({ reading: s.reading({ kind: 'clean', at: s.at(5) }, { capacity: 2 ** 30 }) })] } },
    ['MP2007'],
  ],
  [
    'a disk was taken off',
    {},
    { ...withImage(right, {}), volumes: { '2000': [s.volume()], '2001': [s.volume({ id: s.volumeId('vol-2') })] } },
    ['MP2022'],
  ],
  [
    'the VM was reverted to a snapshot',
    {},
    s.inState({ kind: 'clean', at: s.at(5) }, { origin: { older: s.snapshotRef('snapshot-9'), bootedAt: 1 } }),
    ['MP2028'],
  ],
  ['the volume has another type', { target: { provider: 'cloud', volumeType: 'nvme' } }, {}, ['MP2086']],
  [
    'the volume is in another zone',
    { target: { provider: 'cloud', availabilityZone: 'az2' } },
    { volumes: { '2000': [s.volume({ availabilityZone: 'az1' })] } },
    ['MP2088'],
  ],
  ['the source VM is gone', {}, { source: { kind: 'not-found', nearest: [], check: '' } }, ['MP2003']],
];

describe('what is not as declared', () => {
  // A consumer of Terraform's plans reads values, and no words.
  test.each(rows)('in values: %s', (_name, desired, observed) => {
    for (const { code, differs } of driftOf(s.desired(desired), s.observed(observed), s.NOW)) {
      expect(differs, code).toBeDefined();
      const { before, after } = differs!;
      if (after !== null) expect(Object.keys(after), code).toEqual(Object.keys(before));
      expect(JSON.stringify(after), code).not.toBe(JSON.stringify(before));
    }
  });
  test.each(rows)('%s', (_name, desired, observed, expected) => {
    expect(driftOf(s.desired(desired), s.observed(observed), s.NOW).map(({ code }) => code)).toEqual(expected);
  });
  test('says both values, and what sets it right', () => {
    const [found] = driftOf(
      s.desired(s.cutover),
      s.observed({ ...withImage({ hw_machine_type: 'pc' }, converted), ...off }),
      s.NOW,
    );
    expect(found).toMatchObject({
      severity: 'warning',
      address: 'vm/erp-db01/disk/2000',
      detail: 'volume vol-1 has os_type not set, declared is "linux"',
      nextSteps: ['openstack volume set --image-property os_type=linux vol-1'],
    });
  });
});
