import { expect, test } from 'vitest';
import { checkCoverage, checkFacts, leftOf } from '../../src/apply/check-plan.js';
import { checkTogether } from '../../src/apply/check-together.js';
import { planMisfit } from '../../src/cli/plan-misfit.js';
import type { TrustPolicy } from '../../src/model/trust-policy.js';
import { comparePlans } from '../../src/plan/file/compare-plans.js';
import { decodePlanFile } from '../../src/plan/file/decode-plan-file.js';
import { encodePlanFile, makePlanFile, type PlanFile } from '../../src/plan/file/plan-file.js';
import { plannedEntry } from '../../src/plan/file/planned-entry.js';
import { withoutCutovers } from '../../src/plan/file/without-cutovers.js';
import { judgeApprovals } from '../../src/plan/policy/judge-approvals.js';
import { judgeRules } from '../../src/plan/policy/judge-rules.js';
import { judgeTogether } from '../../src/plan/together/judge-together.js';
import { planAlone } from '../../src/plan/together/plan-alone.js';
import { planNotes } from '../../src/plan/together/plan-notes.js';
import { sourceRoomNotes } from '../../src/plan/together/source-at-once.js';
import type { SourcePlanned } from '../../src/plan/together/source-room.js';
import { diffView } from '../../src/views/diff/view.js';
import { planGraph } from '../../src/views/graph/graphs.js';
import { graphView } from '../../src/views/graph/view.js';
import { reportFormats } from '../../src/views/plan/report/formats.js';
import { ReportPlanView } from '../../src/views/plan/report/view.js';
import { planView } from '../../src/views/plan/select.js';
import { planDetails } from '../../src/views/plan/view.js';
import { pageText } from '../../src/views/report/page.js';
import { planPage } from '../../src/views/report/plan/plan-page.js';
import { RecordingStreams, viewOptions } from '../views/streams.js';
import { grownTooMuch } from '../work.js';
import { fleet } from './fleet.js';
import * as s from './plan-fixture.js';
import { header } from './sample-plan.js';

// What it costs to plan, apply and tell of twice as many VMs: about twice as many calls of each function, and no comparison of all with all.
// Counts grow alike however many there are; a hundred are enough to tell twice from four times.
const COUNT = 100;
const several = { parallelism: 4, transfers: 2, isChosen: false };
const rules = { of: 'Project', places: {}, phases: {}, deltaBytes: 1, cutovers: 1 };
const moment = { kind: 'made', now: s.NOW, expires: s.NOW } as const;

interface Planned {
  readonly planned: readonly SourcePlanned[];
  readonly plan: PlanFile;
}

function planOf(count: number): Planned {
  const planned = fleet(count).map(({ desired, observed }) => planAlone(desired, observed, { now: s.NOW }));
  const plans = judgeTogether(planned, several);
  const entries = planned.map(({ desired, observed }, index) => plannedEntry(desired, observed, { ...plans[index]!, atOnce: 2 }));
  const violations = judgeRules({ entries, environment: undefined }, rules, moment);
  const notes = [...planNotes(planned), ...sourceRoomNotes(planned, several)];
  return { planned, plan: makePlanFile({ ...header, notes, violations }, entries) };
}

/** Of plans that are made beforehand. */
function grownOnPlans(work: (made: Planned) => void): string[] {
  for (const count of [COUNT, 2 * COUNT]) if (!made.has(count)) made.set(count, planOf(count));
  return grownTooMuch((count) => work(made.get(count)!), COUNT);
}

const made = new Map<number, Planned>();

test('the fleet has VMs to be cut over, synchronised, seeded and copied, and some that are done', () => {
  const { plan } = planOf(20);
  expect(plan.counts).toMatchObject({ blocked: 0 });
  expect(plan.migrations.slice(0, 5).map(({ actions }) => actions.map(({ kind }) => kind).join(' '))).toEqual([
    'sync power-off sync convert create-server',
    'sync',
    'create-volume create-volume create-volume set-image-metadata sync',
    '',
    'create-volume create-volume create-volume set-image-metadata sync',
  ]);
});

test('planning twice as many VMs is twice the work', () => {
  expect(grownTooMuch(planOf, COUNT)).toEqual([]);
});

test('applying a plan of twice as many VMs is twice the work', () => {
  expect(grownOnPlans(judgeAgain)).toEqual([]);
});

function judgeAgain({ plan, planned }: Planned): void {
  const addresses = plan.migrations.map(({ address }) => address);
  const progress = {
    plan: plan.plan.id,
    startedAt: '',
    begun: addresses.slice(addresses.length / 4),
    done: addresses.slice(addresses.length / 2),
    by: '',
  };
  const fresh = new Map(planned.map((one) => [one.desired.address, one]));
  const desired = planned.map((one) => one.desired);
  leftOf(plan, desired, progress);
  checkFacts(plan, fresh, progress);
  checkCoverage(plan, fresh, progress);
  checkTogether(planned, { begun: new Set(progress.begun), parallelism: 4, transfers: 2 });
  withoutCutovers(plan);
  expect(decodePlanFile(encodePlanFile(plan), planMisfit()).kind).toBe('plan');
  judgeApprovals(plan, { approvals: [] as TrustPolicy['approvals'] } as TrustPolicy, {
    signature: { sha256: '' },
    approvals: [],
    now: s.NOW,
    begun: progress.begun,
  });
}

test('telling of twice as many VMs is twice the work, in every format', () => {
  expect(grownOnPlans(tellAll)).toEqual([]);
});

function tellAll({ plan }: Planned): void {
  for (const format of ['human', 'json'] as const)
    for (const detail of planDetails) planView(viewOptions(new RecordingStreams(), { format })).plan(plan, { detail });
  for (const format of reportFormats) new ReportPlanView(viewOptions(new RecordingStreams()), format).plan(plan);
  pageText(planPage({ plan, histories: [] }, '1'), { style: '', script: '' });
  graphView(viewOptions(new RecordingStreams())).graph(planGraph(plan));
  const after = { ...plan, migrations: plan.migrations.map((one) => ({ ...one, notes: ['another'] })) };
  diffView(viewOptions(new RecordingStreams())).compared(comparePlans(plan, after), { before: plan, after });
}
