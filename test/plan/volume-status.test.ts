import { describe, expect, test } from 'vitest';
import type { ObservedMigration } from '../../src/model/observed.js';
import type { ObservedVolume } from '../../src/model/observed-target.js';
import { statusKind, volumeStatuses } from '../../src/model/volume-status.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import { brief } from './brief.js';
import * as s from './plan-fixture.js';

const plan = (volume: Partial<ObservedVolume>, over: Partial<ObservedMigration> = {}, wanted = {}) =>
  planMigration(s.desired(wanted), s.observed({ volumes: { '2000': [s.volume(volume)] }, ...over }), { now: s.NOW });
const codes = (...asked: Parameters<typeof plan>): string[] => plan(...asked).diagnostics.map(({ code }) => code);
const statuses = Object.keys(volumeStatuses);

describe('a volume that Cinder would refuse to attach blocks its VM in the plan', () => {
  test.each(statuses.filter((status) => status !== 'available'))('%s, held by nobody', (status) => {
    const { actions, diagnostics } = plan({ status });
    expect(actions).toEqual([]);
    const [problem] = diagnostics;
    expect([problem?.code, problem?.address]).toEqual([
      status.startsWith('error') ? 'MP2016' : 'MP2065',
      'vm/erp-db01/disk/2000',
    ]);
    expect(problem?.detail).toContain(`volume vol-1 is in status "${status}"`);
    expect(problem?.nextSteps?.length).toBeGreaterThan(0);
  });

  test.each(['rollbacking', 'constructor', '', 'Available'])('an unknown word is trouble: %j', (status) => {
    expect(codes({ status })).toEqual(['MP2065']);
    expect(statusKind(status)).toBeUndefined();
  });

  test('an error that nobody listed is one', () => expect(codes({ status: 'error_something' })).toEqual(['MP2016']));

  test('available, as ever: a delta', () => expect(brief(plan({ status: 'available' }))[0]).toContain('sync'));

  test.each(['reserved', 'attaching', 'in-use', 'detaching'])('%s by a dead run of ours: released first', (status) => {
    const attachment = s.attachmentId('att-1');
    const seen = plan({ status, attachments: [{ id: attachment }] }, { local: s.local({ ownAttachments: [attachment] }) });
    expect(seen.diagnostics).toEqual([]);
    expect(seen.actions[0]).toMatchObject({ kind: 'release-attachment', attachment });
  });

  test.each(['reserved', 'attaching', 'in-use'])('%s by somebody else: who that is', (status) => {
    expect(codes({ status, attachments: [{ id: s.attachmentId('att-1') }] })).toEqual(['MP2014']);
  });

  test.each(['in-use', 'backing-up', 'uploading'])('%s after the cutover: nothing is written to it any more', (status) => {
    const reading = s.reading({ kind: 'converted', from: undefined });
    const server = { id: s.serverId('srv'), name: 'erp-db01', status: 'ACTIVE' };
    const attachments = [{ id: s.attachmentId('att-1'), server: server.id }];
    const off = { kind: 'found', vm: s.vm({ power: 'off' }) } as const;
    const seen = plan({ status, reading, attachments }, { server, source: off }, { ...s.cutover, ...s.withServer });
    expect(seen.diagnostics).toEqual([]);
  });

  test('a server that is still to be made is not made on a volume that Cinder is busy with', () => {
    const reading = s.reading({ kind: 'converted', from: undefined });
    const off = { kind: 'found', vm: s.vm({ power: 'off' }) } as const;
    const seen = plan({ status: 'backing-up', reading }, { source: off }, { ...s.cutover, ...s.withServer });
    expect([seen.actions, seen.diagnostics.map(({ code }) => code)]).toEqual([[], ['MP2065']]);
  });
});
