import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkFacts, checkInputs } from '../../src/apply/check-plan.js';
import { planMisfit } from '../../src/cli/plan-misfit.js';
import { decodePlanFile, type PlanParseResult } from '../../src/plan/file/decode-plan-file.js';
import { digestOf } from '../../src/plan/file/plan-file.js';
import * as fixture from './plan-fixture.js';
import { entries, entry, named, samplePlan, worlds } from './sample-plan.js';

// Written by the version before `seal` was renamed: a plan of every sort of VM, and one whose copies are made final.
const text = readFileSync(`${import.meta.dirname}/saved/plan-1.1.json.txt`, 'utf8');

// biome-ignore lint/suspicious/noExplicitAny: a forger keeps to no type
type Any = any;

const read = (saved: string): PlanParseResult => decodePlanFile(saved, planMisfit());

/** The same plan with one thing altered, and a digest that fits. */
function forged(edit: (plan: Any) => void): string {
  const plan = JSON.parse(text) as Any;
  edit(plan);
  const { digest: _, ...rest } = plan;
  return `${JSON.stringify({ ...rest, digest: digestOf(rest) }, null, 2)}\n`;
}

describe('a plan that was saved in the former format', () => {
  const result = read(text);
  const plan = result.kind === 'plan' ? result.plan : undefined;

  test('reads as it was meant, under the digest that was approved', () => {
    expect(result).toMatchObject({ kind: 'plan', plan: { format_version: '1.1', digest: JSON.parse(text).digest } });
    const kinds = plan!.migrations.flatMap(({ actions }) => actions.map(({ kind }) => kind as string));
    expect(kinds).toContain('finalize-copy');
    expect(kinds).not.toContain('seal');
  });

  test('all that it says is in it still, besides the name', () => {
    const before = JSON.parse(text) as Any;
    before.migrations = JSON.parse(JSON.stringify(before.migrations).replaceAll('"seal"', '"finalize-copy"'));
    expect(plan).toMatchObject(before);
  });

  test('a cutover in it tells its downtime as a present plan does', () => {
    expect(plan!.migrations.find(({ name }) => name === 'win-fs1')!.downtime).toMatchObject({ converts: true });
    expect(plan!.migrations.find(({ name }) => name === 'erp-db01')!.downtime).toBeUndefined();
  });

  test('is applied: manifests with a window or a wave do not make it another plan, and its facts are those of today', () => {
    const oldServer = { source: { kind: 'found', vm: fixture.cloudVm({ power: 'off' }) } } as const;
    entry(named('old-01', fixture.cutover), fixture.observed({ ...oldServer, volumes: { '2000': [] } }));
    const window = { kind: 'cron', cron: '0 1 * * *', durationSeconds: 3600, timezone: 'UTC' } as const;
    const selected = plan!.migrations.map(({ address }) => ({ ...worlds.get(address)!.desired, window, labels: { wave: '10' } }));
    const inputs = { configDigest: plan!.inputs.config_digest, files: plan!.inputs.files, settings: { variables: {} }, selected };
    expect(checkInputs(plan!, new Date('2026-06-01T13:00:00Z'), inputs)).toEqual([]);
    expect(checkFacts(plan!, worlds, undefined)).toEqual([]);
  });

  test.each<[string, (saved: Any) => void, string]>([
    ['a summary that says something else', (saved) => saved.summary.push('Nothing to do.'), '"summary" does not say'],
    ['a count', (saved) => Object.assign(saved.counts, { blocked: 0 }), '"counts" does not say'],
    ['an action less', (saved) => saved.migrations.at(-1).actions.pop(), 'does not say what its actions do'],
    ['a change', (saved) => saved.resource_changes.pop(), '"resource_changes" does not say'],
    ['that it can be undone', (saved) => Object.assign(saved.plan, { irreversible: false }), '"plan" does not say'],
    ['an unknown action', (saved) => Object.assign(saved.migrations[0].actions[0], { kind: 'constructor' }), ''],
    ['no migrations', (saved) => Object.assign(saved, { migrations: { actions: 3 } }), ''],
    ['migrations of nothing', (saved) => Object.assign(saved, { migrations: [null, 7, [[]]] }), ''],
    ['no plan', (saved) => Object.assign(saved, { plan: 'soon' }), ''],
    ['no tool', (saved) => delete saved.tool, ''],
    ['a field of later', (saved) => Object.assign(saved, { errored: false }), 'which has no "errored"'],
    ['a window', (saved) => Object.assign(saved.migrations[0], { window: {} }), 'which has no "window"'],
    ['a provider', (saved) => Object.assign(saved.resource_changes[0], { provider_name: 'x' }), 'which has no "provider_name"'],
  ])('altered with a digest that fits, it is refused: %s', (_name, edit, why) => {
    const refused = read(forged(edit));
    expect(refused.kind).toMatch(/^(altered|not-understood)$/);
    expect((refused as { why: string }).why).toContain(why);
  });

  test('the former name is not read in the present format', () => {
    expect(read(forged((saved) => Object.assign(saved, { format_version: '1.2' }))).kind).toBe('not-understood');
  });
});

describe('a plan that was saved before drift had values', () => {
  const saved = (edit: (plan: Any) => void = () => undefined): string => {
    const plan = JSON.parse(JSON.stringify(samplePlan([entries.reset]))) as Any;
    const [told] = plan.migrations[0].diagnostics;
    for (const { diagnostics } of plan.migrations) for (const one of diagnostics) delete one.differs;
    for (const one of plan.blocked) delete one.differs;
    plan.resource_drift[0].change = { ...plan.resource_drift[0].change, before: {}, after: { drift: told.detail } };
    edit(plan);
    const { digest: _, ...rest } = plan;
    return `${JSON.stringify({ ...rest, digest: digestOf(rest) }, null, 2)}\n`;
  };
  test('reads as it was written', () => {
    expect(read(saved())).toMatchObject({ kind: 'plan', plan: { resource_drift: [{ change: { before: {} } }] } });
  });
  test('but for one that says another drift than its diagnostics', () => {
    const edit = (plan: Any): void => {
      plan.resource_drift[0].change.after.drift = 'nothing';
    };
    expect(read(saved(edit))).toMatchObject({ kind: 'altered', why: 'its "resource_drift" does not say what its actions do' });
  });
});
