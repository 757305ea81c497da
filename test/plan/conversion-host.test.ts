import { describe, expect, test } from 'vitest';
import { serverId } from '../../src/model/ids.js';
import type { ObservedConversionHost } from '../../src/model/observed.js';
import type { TargetCatalog } from '../../src/model/observed-target.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import { brief } from './brief.js';
import * as s from './plan-fixture.js';

const GiB = 2 ** 30;
const HOST = serverId('server-conv');
const conversionHost: ObservedConversionHost = { server: HOST, name: 'conv1', volumesMax: 26, otherVolumes: 1 };
const onHost = { id: s.attachmentId('att-1'), server: HOST };
const own = s.local({ ownAttachments: [onHost.id] });
const DELTA = 'sync live #4: delta since …65 63/5';

const planned = (desired: Parameters<typeof s.desired>[0], observed: Parameters<typeof s.observed>[0]) =>
  planMigration(s.desired(desired), s.observed({ conversionHost, ...observed }), { now: s.NOW });
const plan = (...of: Parameters<typeof planned>): string[] => brief(planned(...of));
const off = { source: { kind: 'found', vm: s.vm({ power: 'off' }) } } as const;
const volumes = (...attachments: (typeof onHost)[]) => ({ '2000': [s.volume({ attachments, status: 'in-use' })] });

describe('a volume that hangs on the conversion host', () => {
  test('is written where it hangs when a dead run of ours left it', () => {
    expect(plan({}, { volumes: volumes(onHost), local: own })).toEqual([DELTA]);
  });

  test('is given back when there is nothing to write', () => {
    expect(plan(s.seed, { volumes: volumes(onHost), local: own })[0]).toBe('release-attachment att-1');
    const converted = s.volume({ reading: s.reading({ kind: 'converted', from: s.at(5) }), attachments: [onHost] });
    expect(plan(s.cutover, { ...off, volumes: { '2000': [converted] }, local: own })[0]).toBe('release-attachment att-1');
  });

  test('is in use when it is not known to be ours; what to do is said', () => {
    const { diagnostics } = planned({}, { volumes: volumes(onHost) });
    expect(diagnostics).toMatchObject([{ code: 'MP2014', detail: 'volume vol-1 is held by server server-conv' }]);
    expect(diagnostics[0]?.nextSteps).toContainEqual(expect.stringContaining('openstack server remove volume server-conv vol-1'));
  });

  test('is in use on any other server, whatever we know', () => {
    const elsewhere = { ...onHost, id: s.attachmentId('att-2'), server: serverId('server-9') };
    expect(plan({}, { volumes: volumes(elsewhere), local: own })).toEqual(['error MP2014 vm/erp-db01/disk/2000']);
  });
});

test('a reservation left by a run with access cinder is given back first', () => {
  const reserved = { '2000': [s.volume({ attachments: [{ id: onHost.id }], status: 'reserved' })] };
  expect(plan({}, { volumes: reserved, local: own })).toEqual(['release-attachment att-1', DELTA]);
});

describe('encrypted volume types', () => {
  const type = { id: 't-1', name: 'ssd', isDefault: true, encrypted: true, multiattach: false };
  const catalog: TargetCatalog = { ...s.catalog, volumeTypeTraits: [type] };
  const create = (capacity: number) =>
    plan({ ...s.seed }, { volumes: {}, catalog, source: { kind: 'found', vm: s.vm({ disks: [s.disk({ capacity })] }) } });

  test('are written, because Nova decrypts; the header needs room', () => {
    expect(create(40 * GiB)[0]).toBe('create-volume 2000 41 GiB ssd');
    expect(create(40 * GiB - 16 * 2 ** 20)[0]).toBe('create-volume 2000 40 GiB ssd');
    const volume = s.volume({ encrypted: true, size: s.CAPACITY + GiB });
    expect(plan({}, { catalog, volumes: { '2000': [volume] } })).toEqual([DELTA]);
  });

  test('a volume without room for the header is too small; by how much it is to grow is said', () => {
    const { diagnostics } = planned({}, { catalog, volumes: { '2000': [s.volume({ encrypted: true })] } });
    expect(diagnostics).toMatchObject([{ code: 'MP2013', nextSteps: ['openstack volume set --size 41 vol-1'] }]);
  });

  test('multiattach is refused all the same', () => {
    const shared = { ...s.catalog, volumeTypeTraits: [{ ...type, multiattach: true }] };
    expect(plan({}, { catalog: shared, volumes: { '2000': [s.volume({ size: s.CAPACITY + GiB })] } })).toEqual([
      'error MP2030 vm/erp-db01/disk/2000',
    ]);
  });
});

describe('slots', () => {
  const disks = [2000, 2001, 2002].map((key) => s.disk({ key: s.diskKey(key), uuid: `6000c29a-0000-0000-0000-00000000${key}` }));
  const many = (host: Partial<ObservedConversionHost>) =>
    plan(s.seed, {
      source: { kind: 'found', vm: s.vm({ disks }) },
      volumes: {},
      conversionHost: { ...conversionHost, ...host },
    });

  test.each([
    [{ volumesMax: 4, otherVolumes: 1 }, false],
    [{ volumesMax: 3, otherVolumes: 1 }, true],
    [{ volumesMax: 3, otherVolumes: 0 }, false],
    [{ volumesMax: 2, otherVolumes: 5 }, true],
  ])('%j for three disks', (host, isRefused) => {
    expect(many(host).includes('error MP2034 vm/erp-db01')).toBe(isRefused);
  });
});
