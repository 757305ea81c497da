import { expect, test } from 'vitest';
import type { DesiredMigration } from '../../src/model/desired.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import { brief } from './brief.js';
import * as s from './plan-fixture.js';

// A conversion that stopped while it was merged, seen from a machine that does not have its overlays.
interface Row {
  readonly name: string;
  readonly desired?: Partial<DesiredMigration>;
  readonly observed: Partial<ObservedMigration>;
  readonly expected: readonly string[];
}

const off = { source: { kind: 'found', vm: s.vm({ power: 'off' }) } } as const;
const merging = { ...s.inState({ kind: 'committing', from: s.at(5) }), ...off };
const shared = s.local({ isShared: true });
const blocked = ['error MP2017 vm/erp-db01'];
const warned = 'warning MP2017 vm/erp-db01';
const anew = [warned, 'sync cold #4: compare reseed'];

const rows: readonly Row[] = [
  { name: 'one machine alone knows the locks: blocked', observed: merging, expected: blocked },
  { name: 'all machines see the locks: compared with the source', observed: { ...merging, local: shared }, expected: anew },
  {
    name: 'the source was powered on: it is shut down first',
    observed: { ...s.inState({ kind: 'committing', from: s.at(5) }), local: shared },
    expected: [warned, 'sync live #4: compare reseed', 'power-off', 'sync final #5: delta since live'],
  },
  {
    name: 'the overlays are here: merged on',
    observed: { ...merging, local: s.local({ isShared: true, overlayRuns: ['runrunrunrun'] }) },
    expected: ['commit-conversion runrunrunrun'],
  },
  {
    name: 'a cutover is not asked for any more: blocked',
    desired: { phase: 'sync', cutover: false },
    observed: { ...merging, local: shared },
    expected: blocked,
  },
  {
    name: 'a copy is asked for: that',
    desired: { reseed: s.once },
    observed: { ...merging, local: shared },
    expected: ['sync cold #4: full reseed'],
  },
];

test.each(rows)('$name', ({ desired = {}, observed, expected }) => {
  const plan = planMigration(s.desired({ ...s.cutover, ...desired }), s.observed(observed), { now: s.NOW });
  expect(brief(plan).slice(0, expected.length)).toEqual(expected);
});

test('a volume that is converted is never written again: beside one that another run was merging, blocked', () => {
  const other = s.reading({ kind: 'committing', from: s.at(5) }, { run: 'another' });
  const both = {
    source: { kind: 'found', vm: s.vm({ power: 'off', disks: [s.disk(), s.disk({ key: s.diskKey(2001) })] }) },
    volumes: {
      '2000': [s.volume({ reading: s.reading({ kind: 'converted', from: s.at(5) }) })],
      '2001': [s.volume({ id: s.volumeId('vol-2'), reading: other })],
    },
    local: shared,
  } as const;
  const { actions, diagnostics } = planMigration(s.desired(s.cutover), s.observed(both), { now: s.NOW });
  expect(actions).toEqual([]);
  expect(diagnostics.map(({ code }) => code)).toContain('MP2017');
});
