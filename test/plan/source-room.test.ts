import { describe, expect, test } from 'vitest';
import { serverId, snapshotRef } from '../../src/model/ids.js';
import type { ObservedConversionHost, ObservedMigration, ObservedSourceRoom } from '../../src/model/observed.js';
import type { CloudVolume } from '../../src/model/observed-source.js';
import type { Action } from '../../src/plan/core/action.js';
import { blockWithoutSourceRoom } from '../../src/plan/together/source-room.js';
import * as s from './plan-fixture.js';

const GiB = 2 ** 30;
const HOST = serverId('server-conv');
const host: ObservedConversionHost = { server: HOST, name: 'conv-old', volumesMax: 26, otherVolumes: 1 };
const SIZES = [40, 10, 20];
const TYPES = ['ceph', 'ceph', 'san'];

const disks = SIZES.map((size, index) => s.disk({ key: s.diskKey(index), capacity: size * GiB }));
const volumes = disks.map(({ key }, index) => ({ disk: key, type: TYPES[index] }) as CloudVolume);
const vm = s.vm({ disks, openstackGuest: { flavor: 'm1', securityGroups: [], imageMetadata: {}, volumes } });
const sync: Action = { kind: 'sync', stage: 'live', cycle: 1, verify: { mode: 'off' }, disks: [] };
const target = { server: HOST, name: 'conv-old', volumesMax: 26, otherVolumes: 1 };

interface Row {
  readonly name: string;
  readonly host?: Partial<ObservedConversionHost> | 'none';
  readonly quota?: ObservedSourceRoom['quota'];
  readonly transfers?: number;
  readonly actions?: readonly Action[];
  readonly observed?: Partial<ObservedMigration>;
  /** Fewer disks at a time would be enough, and that is advised. */
  readonly fewerHelp?: true;
  readonly expected: string;
}

// Disks of 40, 10 and 20 GiB, two at a time: clones of 60 GiB besides snapshots of 70.
const rows: readonly Row[] = [
  { name: 'nothing is known', expected: 'ok' },
  { name: 'read in place: no volume is made', host: 'none', quota: { volumesLeft: 0, perVolumeGigabytes: 1 }, expected: 'ok' },
  { name: 'read in place, just enough', host: 'none', quota: { snapshotsLeft: 3, gigabytesLeft: 70 }, expected: 'ok' },
  {
    name: 'read in place: one snapshot of each volume is too many',
    host: 'none',
    quota: { snapshotsLeft: 2 },
    expected:
      'error MP2019 vc: disks are read from snapshots of the volumes there, 3 snapshots at a time: the plan needs 3 new snapshots and the quota leaves 2',
  },
  {
    name: 'read in place: too few snapshots of one type',
    host: 'none',
    quota: { snapshotsLeft: 9, snapshotsLeftByType: { ceph: 1, san: 1 } },
    expected:
      'error MP2019 vc: disks are read from snapshots of the volumes there, 3 snapshots at a time: the plan needs 2 new snapshots of type ceph and the quota leaves 1',
  },
  {
    name: 'read in place: too few gigabytes, if snapshots count',
    host: 'none',
    quota: { gigabytesLeft: 69 },
    expected:
      'warning MP2019 vc: disks are read from snapshots of the volumes there, 3 snapshots at a time: the plan needs 70 GiB of volumes and the quota leaves 69',
  },
  {
    name: 'read in place: too few gigabytes of one type, if snapshots count',
    host: 'none',
    quota: { gigabytesLeftByType: { san: 19 } },
    expected:
      'warning MP2019 vc: disks are read from snapshots of the volumes there, 3 snapshots at a time: the plan needs 20 GiB of volumes of type san and the quota leaves 19',
  },
  {
    name: 'read from volumes: too few snapshots they are made of',
    quota: { snapshotsLeft: 2 },
    expected:
      'error MP2019 vc: each disk that is copied is read from a volume of its size there, 2 at a time, besides 3 snapshots: the plan needs 3 new snapshots and the quota leaves 2',
  },
  {
    name: 'read from volumes: one is larger than new ones may be',
    quota: { perVolumeGigabytes: 39 },
    expected:
      'error MP2019 vc: each disk that is copied is read from a volume of its size there, 2 at a time: a volume may have 39 GiB and 40 GiB are needed',
  },
  { name: 'new volumes may have any size', quota: { perVolumeGigabytes: -1 }, expected: 'ok' },
  {
    name: 'what a dead run left is removed first: its snapshots make room',
    host: 'none',
    quota: { snapshotsLeft: 0, snapshotsLeftByType: { ceph: 0 }, gigabytesLeft: 0 },
    actions: [{ kind: 'release-snapshot', snapshot: snapshotRef('migplan-x') }, sync],
    expected: 'ok',
  },
  { name: 'nothing is copied', actions: [], quota: { volumesLeft: 0 }, host: { otherVolumes: 26 }, expected: 'ok' },
  { name: 'just enough', quota: { volumesLeft: 2, gigabytesLeft: 130 }, expected: 'ok' },
  {
    name: 'too few volumes',
    quota: { volumesLeft: 1 },
    fewerHelp: true,
    expected:
      'error MP2019 vc: each disk that is copied is read from a volume of its size there, 2 at a time: the plan needs 2 new volumes and the quota leaves 1',
  },
  { name: 'one at a time is enough', quota: { volumesLeft: 1, gigabytesLeft: 110 }, transfers: 1, expected: 'ok' },
  {
    name: 'too few gigabytes for the clones',
    quota: { gigabytesLeft: 59 },
    fewerHelp: true,
    expected:
      'error MP2019 vc: each disk that is copied is read from a volume of its size there, 2 at a time: the plan needs 60 GiB of volumes and the quota leaves 59',
  },
  {
    name: 'too few gigabytes, if snapshots count',
    quota: { gigabytesLeft: 129 },
    fewerHelp: true,
    expected:
      'warning MP2019 vc: each disk that is copied is read from a volume of its size there, 2 at a time, besides 3 snapshots: the plan needs 130 GiB of volumes and the quota leaves 129',
  },
  {
    name: 'of one type',
    quota: { gigabytesLeftByType: { ceph: 50, san: 19 } },
    expected:
      'error MP2019 vc: each disk that is copied is read from a volume of its size there, 2 at a time: the plan needs 20 GiB of volumes of type san and the quota leaves 19',
  },
  {
    name: 'what a dead run left is removed first, so its room is there',
    quota: { volumesLeft: 0 },
    actions: [{ kind: 'release-snapshot', snapshot: snapshotRef('migplan-x') }, sync],
    expected: 'ok',
  },
  {
    name: 'no slot on the conversion host',
    host: { otherVolumes: 26 },
    expected:
      'error MP2034 a disk that is copied takes 1 volume on conversion host conv-old of the old cloud, which takes 0 more: 26 volumes are on it, and maxVolumes is 26',
  },
  { name: 'one slot is enough', host: { otherVolumes: 25 }, expected: 'ok' },
  {
    name: 'two where the same server writes the copy',
    host: { otherVolumes: 25 },
    observed: { conversionHost: target },
    expected:
      'error MP2034 a disk that is copied takes 2 volumes on conversion host conv-old of the old cloud, which takes 1 more: 25 volumes are on it, and maxVolumes is 26',
  },
  {
    name: 'another server writes the copy',
    host: { otherVolumes: 25 },
    observed: { conversionHost: { ...target, server: serverId('server-new') } },
    expected: 'ok',
  },
];

describe('room in the old cloud', () => {
  test.each(rows)('$name', (row) => {
    const { host: over = {}, quota = {}, transfers = 2, actions = [sync], observed, expected } = row;
    const desired = s.desired();
    const [plan] = blockWithoutSourceRoom(
      [
        {
          desired,
          catalog: s.catalog,
          observed: s.observed({
            source: { kind: 'found', vm },
            sourceRoom: { quota, ...(over !== 'none' && { host: { ...host, ...over } }) },
            ...observed,
          }),
          plan: { address: desired.address, actions, diagnostics: [], notes: [] },
        },
      ],
      transfers,
    );
    const [diagnostic] = plan!.diagnostics;
    expect(diagnostic === undefined ? 'ok' : `${diagnostic.severity} ${diagnostic.code} ${diagnostic.detail}`).toBe(expected);
    expect(plan!.actions).toEqual(diagnostic?.severity === 'error' ? [] : actions);
    if (diagnostic !== undefined) expect(diagnostic.nextSteps?.length).toBeGreaterThan(0);
    const oneAtATime = diagnostic?.nextSteps?.some((step) => step.includes('limits.transfers')) === true;
    expect(oneAtATime).toBe(row.fewerHelp === true);
  });
});
