import { describe, expect, test } from 'vitest';
import type { ObservedMigration } from '../../src/model/observed.js';
import type { VolumeReach } from '../../src/model/observed-source.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import * as s from './plan-fixture.js';

const [disk] = s.cloudVm().disks;
const plan = (
  outOfReach: VolumeReach,
  over: Partial<ObservedMigration> = {},
  wanted: Parameters<typeof s.desired>[0] = s.cutover,
) => {
  const vm = s.cloudVm({ power: 'off', disks: [{ ...disk!, label: '/dev/vda (volume 7b3f)', outOfReach }] });
  return planMigration(s.desired(wanted), s.observed({ source: { kind: 'found', vm }, volumes: { '2000': [] }, ...over }), {
    now: s.NOW,
  });
};

const kinds: readonly [string, VolumeReach, string, string][] = [
  ['Ceph without rbd', { kind: 'no-rbd' }, 'on Ceph RBD', 'access: {type: cinder, rbd: {'],
  [
    'Fibre Channel',
    { kind: 'driver', driver: 'fibre_channel' },
    "served by 'fibre_channel'",
    'access: {type: nova, server: NAME}',
  ],
  ['no connection info', { kind: 'not-told' }, 'does not say where the bytes are', 'access: {type: nova, server: NAME}'],
  ['a folder that is not named', { kind: 'folder', path: '/srv/volume-7b3f' }, '/srv/volume-7b3f', 'local: {folders:'],
];

describe('a volume of an old cloud that nobody can open blocks its VM in the plan', () => {
  test.each(kinds)('%s: the volume is named, and what to write', (_name, reach, detail, step) => {
    const { actions, diagnostics } = plan(reach);
    expect(actions).toEqual([]);
    expect(diagnostics.map(({ severity, code, address }) => [severity, code, address])).toEqual([
      ['error', 'MP2064', 'vm/erp-db01/disk/2000'],
    ]);
    expect(diagnostics[0]!.detail).toContain('volume 7b3f');
    expect(diagnostics[0]!.detail).toContain(detail);
    expect(diagnostics[0]!.nextSteps?.join()).toContain(step);
  });

  test('what is copied and converted is not read any more, so nothing is said', () => {
    const converted = s.inState({ kind: 'converted', from: undefined });
    const { diagnostics, notes } = plan({ kind: 'no-rbd' }, converted, { ...s.cutover, hwMachineType: 'pc' });
    expect([diagnostics, notes]).toEqual([[], ['Volume already converted']]);
  });

  test('a copy that is taken as it is needs no reading', () => {
    const copied = s.inState({ kind: 'clean', at: undefined });
    const { diagnostics } = plan({ kind: 'no-rbd' }, copied, { ...s.cutover, finalSync: 'skip' });
    expect(diagnostics.map(({ code }) => code)).not.toContain('MP2064');
  });
});
