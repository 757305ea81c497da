import { describe, expect, test } from 'vitest';
import type { DesiredMigration } from '../../src/model/desired.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import { beyondApproval } from '../../src/plan/file/beyond-approval.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import { brief } from './brief.js';
import * as s from './plan-fixture.js';

interface Row {
  readonly name: string;
  readonly desired?: Partial<DesiredMigration>;
  readonly observed: Partial<ObservedMigration>;
  readonly expected: readonly string[];
}

const stopped = { kind: 'dirty', base: undefined, partial: { at: s.at(6), upTo: 1024 } } as const;
const found = (over: Parameters<typeof s.vm>[0]) => ({ source: { kind: 'found', vm: s.vm(over) } }) as const;
const disk = (over: Parameters<typeof s.disk>[0]) => found({ disks: [s.disk(over)] });
const by = { reseed: 'once' };
const again = { request: 'once-2', how: 'copy' } as const;
const fromStart = ['sync live #4: full reseed'];
const beginsAgain = ['sync live #4: full interrupted-full'];
const goesOn = ['sync live #4: full interrupted-full from 1024'];
const delta = 'sync live #4: delta since …65 63/5';
const wasDone = 'warning MP2073 vm/erp-db01';

const run = ({ desired = {}, observed }: Pick<Row, 'desired' | 'observed'>) =>
  planMigration(s.desired({ reseed: s.once, ...desired }), s.observed(observed), { now: s.NOW });

// Every row says only what differs from: phase sync, reseed: once, a running VM whose tracking is at 9.
const stops: readonly Row[] = [
  { name: 'goes on where it stopped', observed: s.inState(stopped, by), expected: goesOn },
  {
    name: 'by a run that died on this machine: the same',
    observed: { ...s.inState(stopped, by), local: s.local({ unfinishedRuns: ['runrunrunrun'] }) },
    expected: goesOn,
  },
  {
    name: 'with cbtSync: false: the same',
    desired: { phase: 'seed', cbtSync: false },
    observed: s.inState(stopped, by),
    expected: goesOn,
  },
  {
    name: 'before its first checkpoint: from the start',
    observed: s.inState({ kind: 'dirty', base: undefined }, by),
    expected: beginsAgain,
  },
  { name: 'a first seed that no reseed began: from the start', observed: s.inState(stopped), expected: fromStart },
  {
    name: 'begun for another request: from the start',
    desired: { reseed: again },
    observed: s.inState(stopped, by),
    expected: fromStart,
  },
  {
    name: 'a delta that stopped half-way: from the start',
    observed: s.inState({ kind: 'dirty', base: s.at(5), partial: { at: s.at(6), upTo: 1024 } }),
    expected: fromStart,
  },
  {
    name: 'tracking was reset meanwhile: from the start',
    observed: { ...s.inState(stopped, by), ...disk({ changeId: s.at(9, 'other') }) },
    expected: beginsAgain,
  },
  {
    name: 'the VM went back meanwhile: from the start',
    observed: { ...s.inState(stopped, by), ...disk({ changeId: s.at(5) }) },
    expected: beginsAgain,
  },
  {
    name: 'a revert was noted: from the start',
    observed: s.inState(stopped, { ...by, isReverted: true }),
    expected: beginsAgain,
  },
  {
    name: 'another disk meanwhile: from the start',
    observed: { ...s.inState(stopped, by), ...disk({ uuid: 'ffffffff-1111-2222-3333-444455556666' }) },
    expected: beginsAgain,
  },
  {
    name: 'the disk has another size meanwhile: from the start',
    observed: s.inState(stopped, { ...by, capacity: s.CAPACITY - 512 }),
    expected: beginsAgain,
  },
  {
    name: 'taken out of the manifest: the copy that began goes on as any other',
    desired: { reseed: undefined },
    observed: s.inState(stopped, by),
    expected: ['sync live #4: full interrupted-full from 1024'],
  },
];

describe('a reseed that was stopped', () => {
  test.each(stops)('$name', (row) => {
    expect(brief(run(row))).toEqual(row.expected);
  });
});

const clean = { kind: 'clean', at: s.at(5) } as const;
const done: readonly Row[] = [
  { name: 'sync: a delta, and a word', observed: s.inState(clean, by), expected: [wasDone, delta] },
  {
    name: 'seed: nothing to do, and a word',
    desired: s.seed,
    observed: s.inState(clean, by),
    expected: [wasDone, 'note Seeded; nothing to do in phase "seed"'],
  },
  {
    name: 'the delta after it was stopped: it goes on, and a word',
    observed: s.inState({ kind: 'dirty', base: s.at(5) }, by),
    expected: [wasDone, delta],
  },
  {
    name: 'cutover: a delta, and a word',
    desired: s.cutover,
    observed: s.inState(clean, by),
    expected: [wasDone, delta, 'power-off', 'sync final #5: delta since live', 'convert'],
  },
  {
    name: 'a conversion that is being merged is rolled forward',
    desired: s.cutover,
    observed: {
      ...s.inState({ kind: 'committing', from: s.at(5) }, by),
      ...found({ power: 'off' }),
      local: s.local({ overlayRuns: ['runrunrunrun'] }),
    },
    expected: ['commit-conversion runrunrunrun'],
  },
  { name: 'asked for anew: a full copy', desired: { reseed: again }, observed: s.inState(clean, by), expected: fromStart },
  { name: 'never done: a full copy', observed: s.inState(clean), expected: fromStart },
  {
    name: 'done, and compared afterwards and found wrong: a full copy',
    observed: s.inState({ kind: 'dirty', base: undefined }, by),
    expected: beginsAgain,
  },
  {
    name: 'the VM was reverted since: refused, and not copied a second time for an old request',
    observed: s.inState(clean, { ...by, isReverted: true }),
    expected: ['error MP2028 vm/erp-db01/disk/2000'],
  },
  {
    name: 'from an OpenStack cloud, seeded: nothing is copied, and a word',
    desired: s.seed,
    observed: { ...s.inState({ kind: 'clean', at: undefined }, by), source: { kind: 'found', vm: s.cloudVm() } },
    expected: [wasDone],
  },
  {
    name: 'from an OpenStack cloud, cutover: the earlier copy is written over once more, as no delta follows',
    desired: s.cutover,
    observed: { ...s.inState({ kind: 'clean', at: undefined }, by), source: { kind: 'found', vm: s.cloudVm() } },
    expected: ['power-off', 'sync cold #4: full reseed', 'finalize-copy'],
  },
];

describe('reseed: once that was carried out and still stands in the manifest', () => {
  test.each(done)('$name', (row) => {
    expect(brief(run(row)).filter((line) => !line.startsWith('set-image-metadata'))).toEqual(row.expected);
  });

  test.each(['once', 'compare'])(
    '%s: a record that somebody edited since is told, and copied for by no old request',
    (request) => {
      const reseed = { request, how: request === 'once' ? 'copy' : 'compare' } as const;
      const edited = { kind: 'unreadable', why: '"changeID" is not what the record says', reseed: request } as const;
      const seen = { volumes: { '2000': [s.volume({ reading: edited })] } };
      for (const desired of [{ reseed }, { reseed, ...s.seed, cbtSync: false }, { reseed, ...s.cutover }]) {
        const { actions, diagnostics } = run({ desired, observed: seen });
        expect(actions).toEqual([]);
        const [first] = diagnostics.filter(({ severity }) => severity === 'error');
        expect(first).toMatchObject({ code: 'MP2012' });
        expect(first!.detail).toContain(`spec.reseed: ${request} is not carried out once more`);
        expect(first!.nextSteps!.join('\n')).toContain(`spec.reseed: ${request}-2`);
      }
      expect(brief(run({ desired: { reseed: { ...reseed, request: `${request}-2` } }, observed: seen })).join()).toMatch(
        /^sync live #1: (full|compare) reseed$/,
      );
    },
  );

  test('two disks, one of them done: the other is copied in full, this one gets a delta, and nothing is said yet', () => {
    const both = found({ disks: [s.disk(), s.disk({ key: s.diskKey(2001), label: 'Hard disk 2' })] });
    const volumes = {
      '2000': [s.volume({ reading: s.reading(clean, by) })],
      '2001': [s.volume({ id: s.volumeId('vol-2'), ...s.dataVolume, reading: s.reading(stopped, by) })],
    };
    expect(brief(run({ observed: { ...both, volumes } }))).toEqual([`${delta}, full interrupted-full from 1024`]);
  });

  test('what it says names a request that was not carried out yet, on any disk', () => {
    const steps = (seen: Partial<ObservedMigration>) =>
      run({ observed: seen })
        .diagnostics.flatMap(({ nextSteps = [] }) => nextSteps)
        .join('\n');
    expect(steps(s.inState(clean, by))).toContain('spec.reseed: once-2');
    expect(steps(s.inState(clean, { ...by, isReverted: true }))).toContain('spec.reseed: once-2');
    const plain = run({ desired: { reseed: undefined }, observed: s.inState(clean, { reseed: 'once-2', isReverted: true }) });
    expect(plain.diagnostics[0]?.nextSteps?.[0]).toContain('spec.reseed: once ');
  });
});

// What differs from a copy: what is planned, and what the record says that it was for.
const compared: readonly Row[] = [
  {
    name: 'a clean volume whose base is refused: all is compared',
    observed: { ...s.inState(clean), ...disk({ changeId: s.at(9, 'other') }) },
    expected: ['sync live #4: compare reseed'],
  },
  {
    name: 'after reseed: once: another request',
    observed: s.inState(clean, by),
    expected: ['sync live #4: compare reseed'],
  },
  {
    name: 'stopped: it goes on where it stopped',
    observed: s.inState(stopped, { reseed: 'compare' }),
    expected: ['sync live #4: compare interrupted-full from 1024'],
  },
  {
    name: 'stopped, and the VM was reverted: from the start',
    observed: s.inState(stopped, { reseed: 'compare', isReverted: true }),
    expected: ['sync live #4: compare interrupted-full'],
  },
  {
    name: 'stopped, and the copy that takes its place begins at the start',
    desired: { reseed: s.once },
    observed: s.inState(stopped, { reseed: 'compare' }),
    expected: ['sync live #4: full reseed'],
  },
  {
    name: 'stopped, and taken out of the manifest: what is left is copied',
    desired: { reseed: undefined },
    observed: s.inState(stopped, { reseed: 'compare' }),
    expected: ['sync live #4: full interrupted-full from 1024'],
  },
  { name: 'a first seed that was stopped: compared', observed: s.inState(stopped), expected: ['sync live #4: compare reseed'] },
  { name: 'carried out: a delta, and a word', observed: s.inState(clean, { reseed: 'compare' }), expected: [wasDone, delta] },
  {
    name: 'no volume: there is nothing to compare with',
    observed: { volumes: {} },
    expected: ['create-volume 2000 40 GiB ssd', 'sync live #1: full new-volume'],
  },
  {
    name: 'a volume that nobody knows: compared',
    observed: { volumes: { '2000': [s.volume({ reading: { kind: 'none' } })] } },
    expected: ['sync live #1: compare reseed'],
  },
  {
    name: 'a disk without tracking: compared, and no delta follows',
    desired: s.oneShot,
    observed: { ...s.inState({ kind: 'clean', at: undefined }), ...found({ cbt: { supported: false, enabled: false } }) },
    expected: ['sync live #4: compare reseed'],
  },
  {
    name: 'cutover: compared while it runs, then the last delta',
    desired: s.cutover,
    observed: s.inState(clean),
    expected: ['sync live #4: compare reseed', 'power-off', 'sync final #5: delta since live', 'convert'],
  },
  {
    name: 'cutover of an OpenStack server: compared when it is stopped',
    desired: s.cutover,
    observed: { ...s.inState({ kind: 'clean', at: undefined }), source: { kind: 'found', vm: s.cloudVm() } },
    expected: ['power-off', 'sync cold #4: compare reseed', 'finalize-copy'],
  },
  {
    name: 'cutover of an OpenStack server, stopped half-way: compared again',
    desired: s.cutover,
    observed: {
      ...s.inState({ kind: 'dirty', base: undefined }, { reseed: 'compare' }),
      source: { kind: 'found', vm: s.cloudVm() },
    },
    expected: ['power-off', 'sync cold #4: compare interrupted-full', 'finalize-copy'],
  },
  {
    name: 'converted: never written again',
    desired: s.cutover,
    observed: { ...s.inState({ kind: 'converted', from: s.at(5) }), ...found({ power: 'off' }) },
    expected: ['note Volume already converted'],
  },
];

describe('reseed: compare', () => {
  test.each(compared)('$name', (row) => {
    const lines = brief(run({ ...row, desired: { reseed: s.compare, ...row.desired } }));
    expect(lines.filter((line) => !line.startsWith('set-image-metadata'))).toEqual(row.expected);
  });

  test('what is left of it is covered by what was reviewed; a copy in its place is not', () => {
    const actions = (desired: Partial<DesiredMigration>, seen: Partial<ObservedMigration>) =>
      run({ desired, observed: seen }).actions;
    const reviewed = actions({ reseed: s.compare }, s.inState(clean));
    const left = s.inState(stopped, { reseed: 'compare' });
    expect(beyondApproval(reviewed, actions({ reseed: s.compare }, left))).toEqual([]);
    expect(beyondApproval(reviewed, actions({ reseed: s.compare }, s.inState(clean, { reseed: 'compare' })))).toEqual([]);
    expect(beyondApproval(reviewed, actions({ reseed: undefined }, left)).join()).toContain('repair');
    expect(beyondApproval(reviewed, actions({ reseed: s.once }, s.inState(clean))).join()).toContain('repair');
  });

  test.each([s.once, s.compare])(
    'a first copy while $request stands in the manifest, stopped half-way: its plan covers the rest',
    (reseed) => {
      const first = run({ desired: { reseed }, observed: { volumes: {} } }).actions;
      const rest = run({ desired: { reseed }, observed: s.inState(stopped, { reseed: reseed.request }) }).actions;
      expect(rest.length).toBeGreaterThan(0);
      expect(beyondApproval(first, rest)).toEqual([]);
    },
  );
});
