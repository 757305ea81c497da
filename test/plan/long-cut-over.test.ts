import { describe, expect, test } from 'vitest';
import type { ObservedMigration } from '../../src/model/observed.js';
import type { ObservedVm } from '../../src/model/observed-source.js';
import { driftOf } from '../../src/plan/drift.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import { brief } from './brief.js';
import * as s from './plan-fixture.js';

// A server of an old cloud that was cut over a while ago, and whose volumes somebody has taken off it since.
const desired = s.desired({ ...s.cutover, ...s.withServer });
const server = { id: s.serverId('srv-1'), name: 'erp-db01', status: 'ACTIVE' };
const converted = s.reading({ kind: 'converted', from: s.at(5) });
const volume = s.volume({ status: 'in-use', reading: converted, attachments: [{ id: s.attachmentId('a'), server: server.id }] });

const world = (vm: Partial<ObservedVm>, over: Partial<ObservedMigration> = {}): ObservedMigration =>
  s.observed({
    source: { kind: 'found', vm: s.vm({ traits: s.cloudVm().traits, power: 'off', ...vm }) },
    volumes: { '2000': [volume] },
    server,
    ...over,
  });

describe('a server of an old cloud that was cut over', () => {
  const gone = s.diskKey(9);
  test.each<[string, Partial<ObservedVm>]>([
    ['whose boot volume is gone, another one is there', { bootDisk: gone, bootDiskFrom: 'boot-volume' }],
    ['which says of no disk that it boots from it', { bootDisk: gone }],
    ['which has no volume any more', { disks: [] }],
  ])('%s: nothing stands in the way, because nothing is left to do', (_name, vm) => {
    const plan = planMigration(desired, world(vm), { now: s.NOW });
    expect(brief(plan).filter((line) => line.startsWith('error'))).toEqual([]);
    expect(plan.actions).toEqual([]);
    expect(driftOf(desired, world(vm), s.NOW).filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});
