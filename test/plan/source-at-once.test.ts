import { describe, expect, test } from 'vitest';
import { serverId, snapshotRef } from '../../src/model/ids.js';
import type { ObservedSourceRoom } from '../../src/model/observed.js';
import type { CloudVolume } from '../../src/model/observed-source.js';
import type { Action } from '../../src/plan/core/action.js';
import { judgeTogether } from '../../src/plan/together/judge-together.js';
import { sourceRoomNotes } from '../../src/plan/together/source-at-once.js';
import type { SourcePlanned } from '../../src/plan/together/source-room.js';
import * as s from './plan-fixture.js';

// VMs of an old cloud with one disk each, of so many GiB; snapshots and clones of those that meet count together.
const GiB = 2 ** 30;
const sync: Action = { kind: 'sync', stage: 'live', cycle: 1, verify: { mode: 'off' }, disks: [] };
const release: Action = { kind: 'release-snapshot', snapshot: snapshotRef('migplan-x') };
const host = { server: serverId('server-conv'), name: 'conv-old', volumesMax: 26, otherVolumes: 1 };

interface Vm {
  readonly sizes: readonly number[];
  readonly type?: string;
  readonly provider?: string;
  /** Which project that is; two providers may name the same. */
  readonly project?: string;
  readonly actions?: readonly Action[];
}

interface Row {
  readonly name: string;
  readonly vms: readonly Vm[];
  readonly quota: ObservedSourceRoom['quota'];
  /** Snapshots are read in place. */
  readonly inPlace?: true;
  readonly parallelism?: number;
  readonly transfers?: number;
  readonly isChosen?: true;
  /** Of the last VM; `ok`: nothing is said of any. */
  readonly expected: string;
  readonly steps?: readonly string[];
  readonly note?: string;
}

const of = (...sizes: number[]): Vm => ({ sizes });
const FEWER_VMS = 'work on fewer VMs at a time: migplan apply --parallelism 1';
const RAISE = 'or have the quota of the old project raised, or delete there what is not needed';
const FEWER_DISKS = 'or copy fewer disks at a time: limits.transfers in the Project';
const UNCOUNTED = 'a cloud with no_snapshot_gb_quota does not count snapshots: then there is room';

const rows: readonly Row[] = [
  { name: 'nothing is known', vms: [of(10), of(10)], quota: {}, expected: 'ok' },
  { name: 'just enough for both', vms: [of(10), of(10)], quota: { volumesLeft: 2, gigabytesLeft: 40 }, expected: 'ok' },
  {
    name: 'too few volumes for two at a time: a plan warns',
    vms: [of(10), of(10)],
    quota: { volumesLeft: 1 },
    expected:
      'warning vc: 2 VMs are read there from snapshots and volumes made of them, 2 at a time: 2 new volumes are needed and the quota leaves 1',
    steps: [FEWER_VMS, RAISE],
  },
  {
    name: 'an apply that was told so is refused',
    vms: [of(10), of(10)],
    quota: { volumesLeft: 1 },
    isChosen: true,
    expected:
      'error vc: 2 VMs are read there from snapshots and volumes made of them, 2 at a time: 2 new volumes are needed and the quota leaves 1',
    steps: [FEWER_VMS, RAISE],
  },
  {
    name: 'one at a time',
    vms: [of(10), of(10)],
    quota: { volumesLeft: 1, gigabytesLeft: 20 },
    parallelism: 1,
    expected: 'ok',
    note: 'vc has room to read 1 VM at a time, of 2: apply with --parallelism 1 at most.',
  },
  {
    name: 'the two largest of three may meet',
    vms: [of(50), of(1), of(40)],
    quota: { gigabytesLeft: 110 },
    expected:
      'warning vc: 3 VMs are read there from snapshots and volumes made of them, 2 at a time: 180 GiB of volumes are needed and the quota leaves 110',
    steps: [FEWER_VMS, RAISE, UNCOUNTED],
  },
  {
    name: 'only as many as there are meet',
    vms: [of(10), of(10)],
    quota: { volumesLeft: 2, gigabytesLeft: 40 },
    parallelism: 9,
    expected: 'ok',
  },
  {
    name: 'snapshots of all disks of each',
    vms: [of(1, 1), of(1, 1)],
    quota: { snapshotsLeft: 3 },
    inPlace: true,
    isChosen: true,
    expected: 'error vc: 2 VMs are read there from snapshots, 2 at a time: 4 new snapshots are needed and the quota leaves 3',
    steps: [FEWER_VMS, RAISE],
  },
  {
    name: 'the size of snapshots is not counted everywhere: it is told, and refuses no apply',
    vms: [of(30), of(30)],
    quota: { gigabytesLeft: 59 },
    inPlace: true,
    isChosen: true,
    expected:
      'warning vc: 2 VMs are read there from snapshots, 2 at a time: 60 GiB of volumes are needed and the quota leaves 59',
    steps: [FEWER_VMS, RAISE, UNCOUNTED],
  },
  {
    name: 'of one type',
    vms: [
      { ...of(10), type: 'san' },
      { ...of(10), type: 'ceph' },
      { ...of(10), type: 'san' },
    ],
    quota: { volumesLeft: 9, volumesLeftByType: { san: 1, ceph: 1 } },
    expected:
      'warning vc: 3 VMs are read there from snapshots and volumes made of them, 2 at a time: 2 new volumes of type san are needed and the quota leaves 1',
    steps: [FEWER_VMS, RAISE],
  },
  {
    name: 'fewer disks at a time are enough, too',
    vms: [of(10, 10), of(10, 10)],
    quota: { volumesLeft: 3 },
    transfers: 2,
    expected:
      'warning vc: 2 VMs are read there from snapshots and volumes made of them, 2 at a time: 4 new volumes are needed and the quota leaves 3',
    steps: [FEWER_VMS, RAISE, FEWER_DISKS],
  },
  {
    name: 'two providers that name one project',
    vms: [
      { ...of(10), project: 'p' },
      { ...of(10), provider: 'vc-2', project: 'p' },
    ],
    quota: { volumesLeft: 1 },
    expected:
      'warning vc: 2 VMs are read there from snapshots and volumes made of them, 2 at a time: 2 new volumes are needed and the quota leaves 1',
    steps: [FEWER_VMS, RAISE],
  },
  {
    name: 'two projects',
    vms: [
      { ...of(10), project: 'p' },
      { ...of(10), project: 'q' },
    ],
    quota: { volumesLeft: 1 },
    expected: 'ok',
  },
  {
    name: 'what a dead run of a VM left is room for that VM',
    vms: [{ ...of(10), actions: [release, sync] }, of(10)],
    quota: { volumesLeft: 1, gigabytesLeft: 20 },
    expected: 'ok',
  },
  {
    name: 'a VM that is not read takes nothing',
    vms: [{ ...of(10), actions: [] }, of(10)],
    quota: { volumesLeft: 1, gigabytesLeft: 20 },
    expected: 'ok',
  },
  {
    name: 'room for as many as an apply takes by itself, and not for all',
    vms: [of(10), of(10), of(10)],
    quota: { volumesLeft: 2 },
    expected: 'ok',
    note: 'vc has room to read 2 VMs at a time, of 3: apply with --parallelism 2 at most.',
  },
];

const planned = (
  { sizes, type = 'ceph', provider = 'vc', project, actions = [sync] }: Vm,
  index: number,
  row: Row,
): SourcePlanned => {
  const disks = sizes.map((size, number) => s.disk({ key: s.diskKey(number), capacity: size * GiB }));
  const volumes = disks.map(({ key }) => ({ disk: key, type }) as CloudVolume);
  const openstackGuest = { flavor: 'm1', securityGroups: [], imageMetadata: {}, volumes };
  const name = `vm${index}`;
  const desired = s.desired({ name, address: `vm/${name}`, source: { ...s.desired().source, provider } });
  const { quota, inPlace } = row;
  const sourceRoom = { quota, ...(inPlace ? {} : { host }), ...(project === undefined ? {} : { project }) };
  const vm = s.vm({ instanceUuid: name, disks, openstackGuest });
  const plan = { address: desired.address, actions, diagnostics: [], notes: [] };
  return { desired, catalog: s.catalog, observed: s.observed({ source: { kind: 'found', vm }, sourceRoom }), plan };
};

describe('several VMs of one old cloud', () => {
  test.each(rows)('$name', (row) => {
    const { parallelism = 2, transfers = 1, isChosen = false } = row;
    const all = row.vms.map((vm, index) => planned(vm, index, row));
    const plans = judgeTogether(all, { parallelism, transfers, isChosen });
    const found = plans.map(({ diagnostics }) =>
      diagnostics.map(({ severity, code, detail }) => `${code} ${severity} ${detail}`),
    );
    const none = row.vms.map(() => []);
    expect(found).toEqual(row.expected === 'ok' ? none : [...none.slice(1), [`MP2019 ${row.expected}`]]);
    const last = plans.at(-1)!;
    expect(last.diagnostics[0]?.nextSteps ?? []).toEqual(row.steps ?? []);
    expect(last.actions).toEqual(row.expected.startsWith('error') ? [] : all.at(-1)!.plan.actions);
    expect(sourceRoomNotes(all, { parallelism, transfers, isChosen })).toEqual(row.note === undefined ? [] : [row.note]);
  });

  test('what one VM alone lacks is told of that one, and of nobody else', () => {
    const row: Row = { name: '', vms: [of(60), of(10)], quota: { gigabytesLeft: 40 }, expected: '' };
    const plans = judgeTogether(
      row.vms.map((vm, index) => planned(vm, index, row)),
      { parallelism: 2, transfers: 1, isChosen: false },
    );
    expect(plans.map(({ diagnostics }) => diagnostics.length)).toEqual([1, 0]);
  });
});
