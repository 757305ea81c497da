import { describe, expect, test } from 'vitest';
import type { DesiredMigration } from '../../src/model/desired.js';
import type { ObservedLocal, ObservedMigration } from '../../src/model/observed.js';
import type { ObservedDisk, ObservedVm } from '../../src/model/observed-source.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import { brief } from './brief.js';
import * as s from './plan-fixture.js';

// Guests of two and three disks, in every combination of records that a run which died can leave, seen from where its overlays are and from
// where they are not. A station is the state of one disk, and, behind a stroke, the run or the cycle where they are not those of the others.
const station = {
  clean: { kind: 'clean', at: s.at(5) },
  committing: { kind: 'committing', from: s.at(5) },
  converted: { kind: 'converted', from: s.at(5) },
  dirty: { kind: 'dirty', base: undefined },
} as const;

const diskAt = (index: number): ObservedDisk =>
  s.disk({
    key: s.diskKey(2000 + index),
    label: `Hard disk ${index + 1}`,
    uuid: `6000c29a-1111-2222-3333-44445555666${index}`,
    slot: { bus: 'scsi', controller: 0, unit: index },
  });

function volumesAt(index: number, stands: string) {
  const { key, uuid } = diskAt(index);
  const [name = '', aside] = stands.split('/');
  if (!(name in station)) return [];
  const over = {
    diskUuid: uuid,
    ...(aside === 'other run' ? { run: 'otherotherot' } : {}),
    ...(aside === 'cycle' ? { cycle: 2 } : {}),
    ...(aside === 'later' ? { cycle: 4 } : {}),
  };
  const base = s.reading(station[name as keyof typeof station], over);
  const reading =
    base.kind === 'record' ? { ...base, record: { ...base.record, identity: { ...base.record.identity, disk: key } } } : base;
  return [s.volume({ id: s.volumeId(`vol-${key}`), name: `erp-db01-${key}`, reading, ...(index === 0 ? {} : s.dataVolume) })];
}

interface Seen {
  readonly desired?: Partial<DesiredMigration>;
  readonly vm?: Partial<ObservedVm>;
  readonly local?: Partial<ObservedLocal>;
  readonly observed?: Partial<ObservedMigration>;
}

function planned(stations: string, { desired, vm, local, observed }: Seen) {
  const each = stations.split(' + ');
  const disks = each.map((_, index) => diskAt(index));
  return planMigration(
    s.desired({ ...s.cutover, ...desired }),
    s.observed({
      source: { kind: 'found', vm: s.vm({ power: 'off', disks, ...vm }) },
      volumes: Object.fromEntries(each.map((stands, index) => [String(2000 + index), volumesAt(index, stands)])),
      local: s.local(local),
      ...observed,
    }),
    { now: s.NOW },
  );
}

const run = 'runrunrunrun';
const places = {
  'the overlays are here': { overlayRuns: [run] },
  'the overlays are here, and all machines see the locks': { overlayRuns: [run], isShared: true },
  'they are not': {},
  'they are not, and all machines see the locks': { isShared: true },
} as const satisfies Record<string, Partial<ObservedLocal>>;
type Place = keyof typeof places;

const merges = `commit-conversion ${run}`;
const marks = `mark-converted ${run}`;
const blocked = 'error MP2017 vm/erp-db01';
const anew = (disks: number) =>
  `warning MP2017 vm/erp-db01; sync cold #4: ${Array(disks).fill('compare reseed').join(', ')}; convert; note Boots from scsi0:0 (Hard disk 1, key 2000): the VM has no boot order; first in the order of its BIOS`;
const done = 'note Volume already converted';
const untidy = `discard-overlays ${run}; ${done}`;

const all = (plan: string): Record<Place, string> =>
  Object.fromEntries(Object.keys(places).map((place) => [place, plan])) as never;
const merging = (disks: number): Record<Place, string> => ({
  'the overlays are here': merges,
  'the overlays are here, and all machines see the locks': merges,
  'they are not': blocked,
  'they are not, and all machines see the locks': anew(disks),
});

/** What a run that dies leaves, in the order of its steps. */
const left: readonly (readonly [string, Record<Place, string>])[] = [
  ['committing + clean', merging(2)],
  ['committing + committing', merging(2)],
  ['converted + committing', all(marks)],
  ['committing + converted', all(marks)],
  [
    'converted + converted',
    {
      'the overlays are here': untidy,
      'the overlays are here, and all machines see the locks': untidy,
      'they are not': done,
      'they are not, and all machines see the locks': done,
    },
  ],
  ['committing + clean + clean', merging(3)],
  ['committing + committing + clean', merging(3)],
  ['committing + committing + committing', merging(3)],
  ['converted + committing + committing', all(marks)],
  ['converted + converted + committing', all(marks)],
  ['converted + committing + converted', all(marks)],
];

describe('what a run that died in the merging leaves', () => {
  test.each(left.flatMap(([stations, plans]) => Object.entries(plans).map(([place, plan]) => [stations, place, plan] as const)))(
    '%s, %s: %s',
    (stations, place, plan) => {
      expect(brief(planned(stations, { local: places[place as Place] })).join('; ')).toBe(plan);
    },
  );
});

// Another machine began to bring the disks back to the source, and died; the overlays of the others are found again.
describe('a merge of which some disks were brought back to the source since', () => {
  test.each(['committing + clean/later', 'committing + dirty', 'committing + committing/other run'])('%s', (stations) => {
    for (const place of [
      'they are not, and all machines see the locks',
      'the overlays are here, and all machines see the locks',
    ] as const) {
      const { diagnostics, ...plan } = planned(stations, { local: places[place] });
      expect(brief({ ...plan, diagnostics })[0]).toBe('warning MP2017 vm/erp-db01');
      const [sync, convert] = plan.actions.filter(({ kind }) => kind !== 'discard-overlays');
      expect([sync?.kind, convert?.kind]).toEqual(['sync', 'convert']);
      expect(sync?.kind === 'sync' && sync.disks).toMatchObject([{ repair: true }, { repair: true }]);
    }
    for (const place of ['the overlays are here', 'they are not'] as const) {
      const { actions, diagnostics } = planned(stations, { local: places[place] });
      expect(actions).toEqual([]);
      expect(diagnostics.map(({ code }) => code)).toContain('MP2017');
    }
  });
});

describe('one record that says converted proves nothing of', () => {
  test.each([
    ['a disk that another run merged', 'converted + committing/other run'],
    ['a disk of another snapshot', 'converted + committing/cycle'],
    ['a disk that nothing was merged into', 'converted + clean'],
    ['a disk that is being copied', 'converted + dirty'],
    ['a disk without a volume', 'converted + none'],
    ['disks beside one without a volume', 'converted + committing + none'],
    ['disks beside one that another run merged', 'converted + committing + committing/other run'],
  ])('%s', (_what, stations) => {
    for (const local of Object.values(places)) {
      const { actions, diagnostics } = planned(stations, { local });
      expect(actions).toEqual([]);
      expect(diagnostics.map(({ severity }) => severity)).toContain('error');
    }
  });
});

describe('a guest that is merged and not marked as such on every disk', () => {
  const mixed = 'converted + committing';
  test('becomes a server, as one that is marked', () => {
    expect(brief(planned(mixed, { desired: s.withServer })).map((line) => line.split(' ')[0])).toEqual([
      'mark-converted',
      'create-server',
    ]);
  });
  test('is not taken for one while its source runs again', () => {
    const { actions, diagnostics } = planned(mixed, { desired: s.withServer, vm: { power: 'on' } });
    expect(actions).toEqual([]);
    expect(diagnostics.map(({ code }) => code)).toContain('MP2023');
  });
  test('is not copied again for a request that stands in the manifest, as one that is marked is not', () => {
    for (const reseed of [s.once, s.compare]) expect(brief(planned(mixed, { desired: { reseed } }))).toEqual([marks]);
  });
  test('is left alone where no cutover is asked for any more', () => {
    expect(brief(planned(mixed, { desired: { phase: 'sync', cutover: false } }))).toEqual(['error MP2002 vm/erp-db01']);
  });
  test('what the dead run still holds is given back first', () => {
    const attachment = { id: s.attachmentId('att-1') };
    const volumes = {
      '2000': volumesAt(0, 'converted'),
      '2001': volumesAt(1, 'committing').map((v) => ({ ...v, attachments: [attachment] })),
    };
    expect(brief(planned(mixed, { observed: { volumes, local: s.local({ ownAttachments: [attachment.id] }) } }))).toEqual([
      'release-attachment att-1',
      marks,
    ]);
  });
});
