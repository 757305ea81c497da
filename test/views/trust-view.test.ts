import { describe, expect, test } from 'vitest';
import { planMisfit } from '../../src/cli/plan-misfit.js';
import { judgeTrust, type Vouched } from '../../src/engine/trust/require-trust.js';
import type { PlanRules } from '../../src/model/plan-rules.js';
import type { TrustPolicy } from '../../src/model/trust-policy.js';
import { decodePlanFile } from '../../src/plan/file/decode-plan-file.js';
import { encodePlanFile, type PlanFile } from '../../src/plan/file/plan-file.js';
import type { SignedApproval } from '../../src/plan/policy/approval.js';
import { approvalNotes } from '../../src/plan/policy/approval-notes.js';
import { judgeRules } from '../../src/plan/policy/judge-rules.js';
import { violation } from '../../src/plan/policy/violation.js';
import { reportFormats } from '../../src/views/plan/report/formats.js';
import { planReport, planView } from '../../src/views/plan/select.js';
import { trustView } from '../../src/views/trust/view.js';
import type { ViewOptions } from '../../src/views/view-options.js';
import { entries, samplePlan } from '../plan/sample-plan.js';
import { expectEvents } from './fits-events-schema.js';
import { RecordingStreams, viewOptions } from './streams.js';

const now = new Date('2026-06-01T12:00:00Z');
const place = (line: number) => ({
  file: 'migplan.yaml',
  start: { line, column: 5, offset: 0 },
  end: { line, column: 9, offset: 4 },
});
const rules: PlanRules = {
  of: 'the Project',
  places: { cutovers: place(9), phases: place(10), delta: place(11), freezes: place(12), command: place(13) },
  cutovers: 1,
  phases: { prod: ['sync'] },
  deltaBytes: 2 ** 30,
  freezes: [{ name: 'year-end', start: '2026-06-01T00:00:00.000Z', end: '2026-06-05T00:00:00.000Z' }],
};
const trust: TrustPolicy = {
  name: 'production',
  file: 'trust.yaml',
  digest: 'd'.repeat(64),
  signers: Buffer.alloc(0),
  unsigned: true,
  flags: { allowCutover: true, autoApprove: false },
  approvals: [
    { actions: ['cutover'], by: ['alice', 'bob'], count: 2, signerMayApprove: false },
    { actions: ['reseed', 'sync'], by: ['alice'], count: 1, signerMayApprove: false },
  ],
  rules: { of: 'the trust policy "production"', places: {} },
};
const broken = [entries.delta, entries.cutover, entries.merging, entries.created];
const said = violation(rules, 'command', {
  address: 'vm/win-fs1',
  detail: 'tags: no owner',
  lines: ['it said: looked at 4 VMs'],
});

function brokenPlan(): PlanFile {
  const over = { environment: 'prod', trust: 'd'.repeat(64) };
  const moment = { kind: 'made', now, expires: new Date('2026-06-02T00:00:00Z') } as const;
  const violations = [...judgeRules({ entries: broken, environment: 'prod' }, rules, moment), said];
  return samplePlan(broken, { ...over, violations, notes: approvalNotes(samplePlan(broken, over), trust) });
}

const signed = samplePlan([entries.cutover, entries.reseed, entries.created], { environment: 'prod' });
const approval = (by: string): SignedApproval => ({
  file: `${by}.json`,
  by,
  statement: {
    format_version: '1.0',
    kind: 'MigrationPlanApproval',
    plan: { sha256: 'aa', id: signed.plan.id, digest: signed.digest },
    environment: 'prod',
    actions: ['sync', 'reseed', 'cutover'],
    approved_at: '2026-06-01T11:00:00.000Z',
    expires_at: '2026-06-01T19:00:00.000Z',
  },
});

function say(options: Partial<ViewOptions>): string {
  const streams = new RecordingStreams();
  const view = trustView(viewOptions(streams, options));
  const [alice, bob] = [approval('alice'), approval('bob')];
  view.signed('plan.json.sig', signed);
  view.approved({ file: 'plan.json.approvals/aa.json', statement: alice.statement }, signed);
  const verified = (vouched: Omit<Vouched, 'trust'>, by: TrustPolicy = trust): void => {
    const all = { ...vouched, trust: by };
    view.verified(signed, all, judgeTrust(signed, all, { now, begun: [], allowCutover: false }));
  };
  verified({ signature: { sha256: 'aa' }, approvals: [alice, { file: 'x.json', why: 'it has no signature' }] });
  verified({ signature: { sha256: 'aa', signedBy: 'ci' }, approvals: [alice, bob] });
  verified({ signature: { sha256: 'aa' }, approvals: [] }, { ...trust, approvals: [], environments: { test: ['x'] } });
  return streams.text;
}

describe.each(['human', 'json'] as const)('%s', (format) => {
  test('sign, approve and verify', async () => {
    await expect(say({ format })).toMatchFileSnapshot(`../golden/trust-view.${format}.txt`);
  });
  test('a plan that breaks rules, and needs approvals', async () => {
    const streams = new RecordingStreams();
    planView(viewOptions(streams, { format })).plan(brokenPlan(), { detail: 'vm' });
    if (format === 'json') expectEvents(streams.text);
    await expect(streams.text).toMatchFileSnapshot(`../golden/violations.${format}.txt`);
  });
});

test('a plan that breaks rules is read again as it was saved', () => {
  const plan = brokenPlan();
  expect(decodePlanFile(encodePlanFile(plan), planMisfit())).toMatchObject({
    kind: 'plan',
    plan: { violations: plan.violations },
  });
});

test.each(reportFormats)('a plan that breaks rules as %s', async (format) => {
  const streams = new RecordingStreams();
  (await planReport(viewOptions(streams), format)).plan(brokenPlan(), { detail: 'auto' });
  await expect(streams.text).toMatchFileSnapshot(`../golden/violations.${format}.txt`);
});
