import { describe, expect, test } from 'vitest';
import type { ApprovalKind } from '../../src/model/approval-kinds.js';
import type { ApprovalRule, TrustPolicy } from '../../src/model/trust-policy.js';
import { asksFor } from '../../src/plan/core/action-table.js';
import type { PlanFile } from '../../src/plan/file/plan-file.js';
import type { ApprovalStatement, SignedApproval } from '../../src/plan/policy/approval.js';
import { approvalNotes } from '../../src/plan/policy/approval-notes.js';
import { judgeApprovals } from '../../src/plan/policy/judge-approvals.js';
import { environmentRefusals, signatureRefusals } from '../../src/plan/policy/trust-refusals.js';
import { entries, header, samplePlan } from './sample-plan.js';

const NOON = new Date('2026-06-01T12:00:00Z');
const hours = (count: number): string => new Date(NOON.getTime() + count * 3_600_000).toISOString();

const trusted = (over: Partial<TrustPolicy> = {}): TrustPolicy => ({
  name: 'production',
  file: 'trust.yaml',
  digest: 'd'.repeat(64),
  signers: Buffer.alloc(0),
  unsigned: false,
  flags: { allowCutover: false, autoApprove: false },
  approvals: [],
  rules: { of: 'the trust policy "production"', places: {} },
  ...over,
});

const rule = (over: Partial<ApprovalRule> = {}): ApprovalRule => ({
  actions: ['cutover'],
  by: ['alice', 'bob', 'carol'],
  count: 2,
  signerMayApprove: false,
  ...over,
});

const plan = samplePlan([entries.cutover], { environment: 'prod' });
const SHA = 'a'.repeat(64);

const approval = (by: string, over: Partial<ApprovalStatement> = {}): SignedApproval => ({
  file: `${by}.json`,
  by,
  statement: {
    format_version: '1.0',
    kind: 'MigrationPlanApproval',
    plan: { sha256: SHA, id: plan.plan.id, digest: plan.digest },
    environment: 'prod',
    actions: ['sync', 'cutover'],
    approved_at: hours(-1),
    expires_at: hours(7),
    ...over,
  },
});

interface Row {
  readonly name: string;
  readonly rules?: readonly ApprovalRule[];
  readonly approvals: readonly SignedApproval[];
  readonly signedBy?: string;
  readonly begun?: readonly string[];
  /** Of the cutover: `met` or not, and by whom. */
  readonly expected: string;
}

const rows: readonly Row[] = [
  { name: 'two of three', approvals: [approval('alice'), approval('carol')], expected: 'met by alice carol' },
  { name: 'one of three', approvals: [approval('alice')], expected: 'lacking by alice' },
  { name: 'nobody', approvals: [], expected: 'lacking by' },
  {
    name: 'one person twice',
    approvals: [approval('alice'), { ...approval('alice'), file: 'x.json' }],
    expected: 'lacking by alice',
  },
  { name: 'somebody the rule does not name', approvals: [approval('alice'), approval('mallory')], expected: 'lacking by alice' },
  { name: 'who signed the plan', approvals: [approval('alice'), approval('bob')], signedBy: 'bob', expected: 'lacking by alice' },
  {
    name: 'who signed the plan, where that may be',
    rules: [rule({ signerMayApprove: true })],
    approvals: [approval('alice'), approval('bob')],
    signedBy: 'bob',
    expected: 'met by alice bob',
  },
  {
    name: 'of another action',
    approvals: [approval('alice'), approval('bob', { actions: ['sync'] })],
    expected: 'lacking by alice',
  },
  {
    name: 'of another environment',
    approvals: [approval('alice'), approval('bob', { environment: 'test' })],
    expected: 'lacking by alice',
  },
  { name: 'of no environment', approvals: [approval('alice'), withoutEnvironment('bob')], expected: 'lacking by alice' },
  {
    name: 'of another plan',
    approvals: [approval('alice'), approval('bob', { plan: { ...approval('bob').statement.plan, sha256: 'b'.repeat(64) } })],
    expected: 'lacking by alice',
  },
  {
    name: 'of these bytes, with the digest of another plan',
    approvals: [
      approval('alice'),
      approval('bob', { plan: { ...approval('bob').statement.plan, digest: `sha256:${'b'.repeat(64)}` } }),
    ],
    expected: 'lacking by alice',
  },
  {
    name: 'that is over',
    approvals: [approval('alice'), approval('bob', { expires_at: hours(0) })],
    expected: 'lacking by alice',
  },
  {
    name: 'of a clock that is ahead by some minutes',
    approvals: [approval('alice'), approval('bob', { approved_at: hours(0.15) })],
    expected: 'met by alice bob',
  },
  {
    name: 'of the future',
    approvals: [approval('alice'), approval('bob', { approved_at: hours(1), expires_at: hours(2) })],
    expected: 'lacking by alice',
  },
  {
    name: 'that is good for longer than may be',
    rules: [rule({ validMs: 8 * 3_600_000 })],
    approvals: [approval('alice'), approval('bob', { expires_at: hours(8) })],
    expected: 'lacking by alice',
  },
  {
    name: 'a rule of another environment',
    rules: [rule({ environments: ['test'], count: 1 })],
    approvals: [],
    expected: 'lacking without a rule',
  },
  { name: 'no rule at all', rules: [], approvals: [approval('alice')], expected: 'lacking without a rule' },
  { name: 'what was begun is finished', approvals: [], begun: ['vm/win-fs1'], expected: 'nothing' },
  {
    name: 'two rules, of which one is kept',
    rules: [rule({ by: ['alice'], count: 1 }), rule({ by: ['dave'], count: 1 })],
    approvals: [approval('alice')],
    expected: 'met by alice, lacking by',
  },
];

function withoutEnvironment(by: string): SignedApproval {
  const given = approval(by);
  const { environment: _, ...statement } = given.statement;
  return { ...given, statement };
}

describe('approvals', () => {
  test.each(rows)('$name', ({ rules = [rule()], approvals, signedBy, begun = [], expected }) => {
    const signature = { sha256: SHA, ...(signedBy === undefined ? {} : { signedBy }) };
    const trust = trusted({ approvals: rules });
    const { requirements, ignored, counted } = judgeApprovals(plan, trust, { signature, approvals, now: NOON, begun });
    const words = requirements
      .filter(({ kind }) => kind === 'cutover')
      .map(({ isMet, approvedBy, rule: of }) =>
        [isMet ? 'met' : 'lacking', ...(of === undefined ? ['without a rule'] : ['by', ...approvedBy])].join(' '),
      );
    expect(words.join(', ') || 'nothing').toBe(expected);
    expect(ignored.length + counted.length).toBe(approvals.length);
  });

  test('one that is good for longer than a rule takes says so: whoever gave it would look for the reason in vain', () => {
    const trust = trusted({ approvals: [rule({ validMs: 8 * 3_600_000 })] });
    const approvals = [approval('alice'), approval('bob', { expires_at: hours(23) })];
    const { counted, ignored } = judgeApprovals(plan, trust, { signature: { sha256: SHA }, approvals, now: NOON, begun: [] });
    expect(counted.map(({ by }) => by)).toEqual(['alice']);
    expect(ignored.map(({ why }) => why)).toEqual([
      expect.stringMatching(/^the approval of bob is good for 2\dh \d+m, and for cutover at most 8h 0m are taken$/),
    ]);
  });

  test('what no rule names needs none', () => {
    const sync = samplePlan([entries.reseed]);
    const presented = { signature: { sha256: SHA }, approvals: [], now: NOON, begun: [] };
    expect(judgeApprovals(sync, trusted(), presented).requirements).toEqual([
      { kind: 'reseed', addresses: ['vm/legacy-app'], approvedBy: [], isMet: true },
    ]);
  });

  test('a plan says what it will need', () => {
    expect(approvalNotes(plan, trusted({ approvals: [rule()] }))).toEqual([
      'cutover needs 2 approvals of alice, bob, carol (trust policy "production")',
    ]);
    expect(approvalNotes(plan, trusted())).toEqual(['trust policy "production" lets nobody approve: cutover']);
    expect(approvalNotes(samplePlan([entries.delta]), trusted())).toEqual([]);
  });
});

test.each<[keyof typeof entries, ApprovalKind[]]>([
  ['delta', ['sync', 'machine-type']],
  ['created', ['seed']],
  // Its volume has no metadata yet, as a first copy has none.
  ['cutover', ['seed', 'sync', 'cutover']],
  ['reseed', ['reseed']],
  ['repair', ['reseed']],
  ['adopt', ['reseed']],
  ['adopting', ['reseed']],
  ['merging', ['cutover']],
  ['seeded', []],
])('%s asks for what it does', (name, kinds) => {
  expect(asksFor(entries[name].actions)).toEqual(kinds);
});

describe('the plan itself', () => {
  const codes = (of: PlanFile, trust: TrustPolicy): string[] => environmentRefusals(of, trust).map(({ code }) => code);
  const environments = { prod: ['project-1'], test: ['project-2'] };

  test.each<[string, Parameters<typeof signatureRefusals>[0], Partial<TrustPolicy>, number]>([
    ['no signature', { sha256: SHA }, {}, 1],
    ['no signature, where that may be', { sha256: SHA }, { unsigned: true }, 0],
    ['a signature of anybody', { sha256: SHA, signedBy: 'ci' }, {}, 0],
    ['one of who may sign', { sha256: SHA, signedBy: 'ci' }, { signedBy: ['ci'] }, 0],
    ['one of somebody else', { sha256: SHA, signedBy: 'alice' }, { signedBy: ['ci'], unsigned: true }, 1],
  ])('has %s', (_name, signature, over, count) => {
    const found = signatureRefusals(signature, trusted(over));
    expect(found.map(({ code }) => code)).toEqual(Array.from({ length: count }, () => 'MP3022'));
  });

  test.each<[string, Parameters<typeof samplePlan>[1], Partial<TrustPolicy>, string[]]>([
    ['names no policy', {}, {}, []],
    ['names the policy in force', { trust: 'd'.repeat(64) }, {}, []],
    ['names another policy', { trust: 'e'.repeat(64) }, {}, ['MP3025']],
    ['is for an environment with its cloud', { environment: 'prod' }, { environments }, []],
    ['is for an environment of other clouds', { environment: 'test' }, { environments }, ['MP3028']],
    ['is for an environment that there is not', { environment: 'toString' }, { environments }, ['MP3028']],
    ['is for none', {}, { environments }, ['MP3028']],
    ['is for any, where environments do not matter', { environment: 'x' }, {}, []],
  ])('%s', (_name, over, trust, expected) => {
    expect(codes(samplePlan([entries.cutover], { ...header, ...over }), trusted(trust))).toEqual(expected);
  });
});
