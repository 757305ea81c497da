import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { effects, forgetCalls } from '../../lab/harness/effects.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { savedPlan } from './saved-plan.js';
import { expectCopied, manifestOf, migplan, type Step, said } from './steps.js';

// A plan for an environment, made in one checkout and applied in another that is told nothing of it.
let bench: Bench;
let plans: LabProject;
let applies: LabProject;

const SETTINGS = `  variables: {check: {default: "off"}}
  environments:
    staging: {overlay: overlays/staging.yaml, variables: {check: sample}}
    production: {variables: {check: full}}
`;

async function checkout(name: string): Promise<LabProject> {
  const project = await bench.project(name);
  await project.edit('migplan.yaml', (text) => `${text}${SETTINGS}`);
  await project.write(
    'overlays/staging.yaml',
    'apiVersion: migplan.dev/v1alpha1\nkind: Overlay\nspec: {defaults: {shutdown: {timeout: 5m}}}\n',
  );
  await project.manifest('vm', manifestOf('vm', 'phase: seed\nverify: ${var.check}'));
  return project;
}

beforeAll(async () => {
  bench = await Bench.open({ source: vcenter([{ name: 'vm' }]), target: simulatedCloud() });
  plans = await checkout('plans');
});
beforeEach(async () => {
  applies = await checkout('applies');
  await migplan(plans, ['plan', '--env', 'staging', '--out', 'plan.json']);
  await cp(join(plans.folder, 'plan.json'), join(applies.folder, 'plan.json'));
  await forgetCalls(bench);
});
afterEach(async () => {
  expect(await bench.leftovers()).toEqual([]);
  await rm(applies.folder, { recursive: true });
});
afterAll(() => bench[Symbol.asyncDispose]());

async function refused(exit: number, args: readonly string[], ...texts: readonly string[]): Promise<void> {
  const told = said(await migplan(applies, ['apply', 'plan.json', ...args], { exit }));
  for (const text of texts) expect(told).toContain(text);
  expect(await effects(bench)).toEqual([]);
}

test('another environment is refused, by flag and by variable', async () => {
  await refused(4, ['--env', 'production'], '[MP3030]', 'made for environment staging, and production is asked for');
  const env: Step = { exit: 4, env: { MIGPLAN_ENV: 'production' } };
  expect(said(await migplan(applies, ['apply', 'plan.json'], env))).toContain('[MP3030]');
  expect(await effects(bench)).toEqual([]);
});

test('an environment that the Project has no more is refused, and what is advised helps', async () => {
  await applies.edit('migplan.yaml', (text) => text.replace(/ {4}staging: .*\n/, ''));
  await refused(4, [], '[MP3030]', 'and the Project has no such environment any more');
  // Declared again, but with nothing in it: not what was planned.
  await applies.edit('migplan.yaml', (text) => `${text}    staging: {}\n`);
  await refused(4, [], '[MP3006]', 'overlays/staging.yaml');
  await migplan(applies, ['plan', '--env', 'staging', '--out', 'plan.json']);
  expect((await savedPlan(applies, 'plan.json')).inputs.settings).toEqual({
    environment: 'staging',
    variables: { check: 'off' },
  });
});

test('an overlay that changed, and a variable of another type, are refused', async () => {
  await applies.edit('overlays/staging.yaml', (text) => text.replace('5m', '6m'));
  await refused(4, [], '[MP3006]', 'overlays/staging.yaml changed since the plan was made');
  await applies.edit('overlays/staging.yaml', (text) => text.replace('6m', '5m'));
  await applies.edit('migplan.yaml', (text) => text.replace('{default: "off"}', '{type: boolean, default: true}'));
  await refused(4, [], '[MP3006]', 'the value of variable check in the plan is the text "sample", and must be true or false');
});

test('a value is not taken beside a plan, and a variable of the process does not count', async () => {
  await refused(1, ['--var', 'check=full'], '[MP3018]', '--var cannot be used with a saved plan');
  await migplan(applies, ['apply', 'plan.json'], { env: { MIGPLAN_VAR_check: 'full', MIGPLAN_ENV: 'staging' } });
  await expectCopied(bench, 'vm', 2000);
  expect((await savedPlan(applies, 'plan.json')).inputs.settings).toEqual({
    environment: 'staging',
    variables: { check: 'sample' },
  });
});
