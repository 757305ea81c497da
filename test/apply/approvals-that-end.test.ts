import { expect, test } from 'vitest';
import { approvalRulesOf } from '../../src/engine/trust/require-trust.js';
import type { PlanFile } from '../../src/plan/file/plan-file.js';
import * as s from '../plan/plan-fixture.js';
import { told, Workshop } from './workshop.js';

const SHA = 'a'.repeat(64);
const ENDS = '2026-06-01T13:00:00.000Z';
const flags = { allowCutover: true, autoApprove: false };

/** One person has to approve cutovers, and did until 13:00. */
function approvedOnce(plan: PlanFile, mayFlag = false) {
  const statement = {
    format_version: '1.0',
    kind: 'MigrationPlanApproval',
    plan: { sha256: SHA, id: plan.plan.id, digest: plan.digest },
    actions: ['cutover'],
    approved_at: '2026-06-01T11:00:00.000Z',
    expires_at: ENDS,
  } as const;
  const trust = {
    name: 'production',
    file: 'trust.yaml',
    digest: 'd'.repeat(64),
    signers: Buffer.alloc(0),
    unsigned: true,
    flags: { ...flags, allowCutover: mayFlag },
    approvals: [{ actions: ['cutover'], by: ['alice'], count: 1, signerMayApprove: false }],
    rules: { of: 'the trust policy "production"', places: {} },
  } as const;
  return { trust, signature: { sha256: SHA }, approvals: [{ file: 'a.json', by: 'alice', statement }] };
}

/** Two cutovers, one after the other; two hours pass while the first is powered off. */
async function twoCutovers(mayFlag = false) {
  const shop = await Workshop.open();
  const worlds = ['a', 'b'].map((name) => shop.add(name, s.cutover));
  const plan = await shop.plan();
  shop.approvalRules = approvalRulesOf(plan, approvedOnce(plan, mayFlag), flags);
  shop.sourceOver = {
    shutdownGuest: async (...asked) => {
      await shop.clock.sleep(7_200_000);
      await worlds.find(({ vm }) => vm.power === 'on')?.vm.provider.shutdownGuest(...asked);
    },
  };
  return { shop, plan };
}

test('an approval that ends while others are worked on is none for a VM that was not begun; what it began is finished', async () => {
  const { shop, plan } = await twoCutovers();
  const [a, b] = await shop.apply(plan, { parallelism: 1 });
  expect(told([a!, b!])).toEqual(['vm/a done', 'vm/b not-started MP3023']);
  expect(b!.diagnostics[0]).toMatchObject({
    address: 'vm/b',
    detail: 'cutover of vm/b: 0 of 1 approvals; nothing was changed',
    lines: [`the approval of alice was good until ${ENDS}`],
    nextSteps: ['have it approved by alice: migplan approve PLAN --key KEY'],
  });
  expect([shop.worlds.get('b')!.vm.power, shop.states('b')]).toEqual(['on', []]);
});

test('a VM that a run began with its approvals is finished by the next, without', async () => {
  const { shop, plan } = await twoCutovers();
  shop.converterOver = { convert: () => Promise.reject(new Error('the machine is busy')) };
  const first = await shop.apply(plan, { parallelism: 1 });
  expect(first.map(({ result }) => result)).toEqual(['failed', 'not-started']);
  shop.converterOver = {};
  expect(told(await shop.apply(plan))).toEqual(['vm/a done', 'vm/b not-started MP3023']);
});

test('where the policy lets the flag do, it does for as long as the run lasts', async () => {
  const { shop, plan } = await twoCutovers(true);
  expect(told(await shop.apply(plan, { parallelism: 1 }))).toEqual(['vm/a done', 'vm/b done']);
});
