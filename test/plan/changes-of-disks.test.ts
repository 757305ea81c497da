import { expect, test } from 'vitest';
import { planMisfit } from '../../src/cli/plan-misfit.js';
import { formatChangeId } from '../../src/model/change-id.js';
import { decodePlanFile } from '../../src/plan/file/decode-plan-file.js';
import { digestOf, encodePlanFile, formerChanges, makePlanFile } from '../../src/plan/file/plan-file.js';
import * as s from './plan-fixture.js';
import { entry, header, named } from './sample-plan.js';

const second = s.diskKey(2001);
const disks = [s.disk(), s.disk({ key: second, label: 'Hard disk 2' })];
const cleanAt = (sequence: number) => s.volume({ reading: s.reading({ kind: 'clean', at: s.at(sequence) }) });

/** Two disks that one sync brings up to date from different snapshots. */
const planned = entry(
  named('erp-db01'),
  s.observed({
    source: { kind: 'found', vm: s.vm({ disks }) },
    volumes: { '2000': [cleanAt(5)], '2001': [cleanAt(4)] },
  }),
);
const plan = makePlanFile(header, [planned]);
const saidOf = (changes = plan.resource_changes) =>
  changes.map(({ address, change, action_reason }) => [address, change.before?.['changeID'], action_reason]);

test('each disk of a sync says its own change id', () => {
  expect(saidOf()).toEqual([
    ['vm/erp-db01/disk/2000', formatChangeId(s.at(5)), 'sync_behind'],
    ['vm/erp-db01/disk/2001', formatChangeId(s.at(4)), 'sync_behind'],
  ]);
});

test('a plan that an earlier build saved, which said that of the first of both, is still read; any other is not', () => {
  const { digest: _, ...rest } = plan;
  const saved = (changes: typeof plan.resource_changes) => {
    const body = { ...rest, resource_changes: changes };
    return decodePlanFile(encodePlanFile({ ...body, digest: digestOf(body) }), planMisfit()).kind;
  };
  const former = formerChanges(plan.migrations);
  expect(saidOf(former).map(([, changeId]) => changeId)).toEqual(Array(2).fill(formatChangeId(s.at(5))));
  expect([saved(plan.resource_changes), saved(former), saved(former.toReversed())]).toEqual(['plan', 'plan', 'altered']);
});
