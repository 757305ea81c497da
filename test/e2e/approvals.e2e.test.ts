import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { type ConversionStandIn, makeConversionStandIn } from '../../lab/harness/conversion-stand-in.js';
import { effects, forgetCalls } from '../../lab/harness/effects.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { projectRoot } from '../../lab/harness/project-root.js';
import type { PlanFile } from '../../src/plan/file/plan-file.js';
import { isInstance } from '../advice/tried.js';
import { trustAdvice } from '../advice/trust-advice.js';
import { fencesOf, shellOf } from '../docs/fences.js';
import { rewritePlan } from './saved-plan.js';
import { isOn, manifestOf, migplan, type Step, said, windowsServer } from './steps.js';

// Plans that are signed and approved by real keys, and held to rules, by the real program on the lab.
let bench: Bench;
let project: LabProject;
let standIn: ConversionStandIn;
let walk: readonly { readonly language: string; readonly text: string }[];
/** Next steps that were given, and then followed. */
const met = new Set<string>();

const server = 'target: {server: {flavor: m1.small, networks: [prod-lan]}}';
const cutover = (vm: string): string => manifestOf(vm, `${server}\nphase: cutover\nshutdown: {timeout: 2m}`);

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter(['vm', 'other', 'left', 'right'].map((name) => ({ name, ...windowsServer }))),
    target: simulatedCloud(),
  });
  project = await bench.project('p');
  standIn = await makeConversionStandIn(join(bench.folder, 'stand-in'));
  const bin = join(bench.folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'migplan'), `#!/bin/sh\nexec '${process.execPath}' '${join(projectRoot, 'bin/run.js')}' "$@"\n`, {
    mode: 0o755,
  });
  expect(shellOf('docs/approvals.md').length).toBeGreaterThan(0);
  walk = fencesOf('docs/approvals.md');
  await project.manifest('vm', manifestOf('vm', 'phase: seed'));
  await project.manifest('other', manifestOf('other', 'phase: seed'));
  await migplan(project, ['apply', '--auto-approve']);
  await project.manifest('vm', cutover('vm'));
  await project.manifest('other', cutover('other'));
});
afterAll(() => bench[Symbol.asyncDispose]());
beforeEach(() => forgetCalls(bench));

/** What the documentation says to type, in a shell that stops at the first thing that fails. */
async function shell(script: string): Promise<string> {
  const path = `${join(bench.folder, 'bin')}${delimiter}${standIn.environment['PATH'] ?? ''}`;
  const child = spawn('sh', ['-eu', '-c', script], {
    cwd: project.folder,
    env: { ...process.env, NO_COLOR: '1', ...project.environment, ...standIn.environment, PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (told += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(code, `${script}\n${told}`).toBe(0);
  return told;
}

/** What is said, with the advice that was in it noted as given. */
async function run(args: readonly string[], step: Step = {}): Promise<string> {
  const told = said(await migplan(project, args, { ...step, env: { ...standIn.environment, ...step.env } }));
  const steps = told.split('\n').flatMap((line) => /^\s+- (.*)$/.exec(line)?.[1] ?? []);
  for (const advice of trustAdvice) if (steps.some((one) => isInstance(one, advice))) met.add(advice);
  return told;
}

/** Refused, with nothing done to source or cloud. */
async function refused(args: readonly string[], ...texts: readonly string[]): Promise<void> {
  const told = await run(args, { exit: 4 });
  for (const text of texts) expect(told).toContain(text);
  expect(await effects(bench)).toEqual([]);
}

const trusting = (file: string, ...args: string[]): string[] => ['apply', file, '--trust', 'trust/trust.yaml', ...args];
const policyWith = async (name: string, change: (text: string) => string): Promise<string> => {
  const path = `trust/${name}.yaml`;
  await writeFile(join(project.folder, path), change(await readFile(join(project.folder, 'trust/trust.yaml'), 'utf8')));
  return path;
};

describe('the walk through the documentation', () => {
  test('files are written and keys are made', async () => {
    for (const { language, text } of walk) {
      const path = /^# (trust\/\S+)\n/.exec(text)?.[1];
      if (language !== 'yaml' || path === undefined) continue;
      await mkdir(dirname(join(project.folder, path)), { recursive: true });
      await writeFile(join(project.folder, path), text);
    }
    const blocks = walk.filter(({ language }) => language === 'sh');
    expect(blocks).toHaveLength(4);
    await shell(blocks[0]!.text);
  });

  test('a plan says what it will need, and is signed', async () => {
    const told = await shell(walk.filter(({ language }) => language === 'sh')[1]!.text);
    expect(told).toContain('cutover needs 2 approvals of alice@example.com, bob@example.com (trust policy "production")');
    expect(told).toContain('The signature is in ');
  });

  test('nothing of it is done before it is approved, whatever flags are given', async () => {
    await refused(
      trusting('plan.json'),
      '[MP3023]',
      'cutover of vm/other, vm/vm: 0 of 2 approvals',
      'alice@example.com or bob@example.com',
    );
    await refused(trusting('plan.json', '--allow-cutover'), '[MP3023]');
    await refused(['apply', '--trust', 'trust/trust.yaml', '--auto-approve', '--allow-cutover'], '[MP3029]');
    await refused(['verify', 'plan.json', '--trust', 'trust/trust.yaml'], 'signed by ci@example.com', '(0 of 2)');
  });

  test('with one approval still not', async () => {
    await run(['approve', 'plan.json', '--key', 'keys/alice', '--action', 'cutover']);
    await run(['approve', 'plan.json', '--key', 'keys/alice', '--action', 'cutover', '--valid-for', '2h']);
    await refused(trusting('plan.json'), '1 of 2 approvals (alice@example.com)', 'have it approved by bob@example.com');
  });

  test('with two it is verified, applied without a flag, and the machines are cut over', async () => {
    const blocks = walk.filter(({ language }) => language === 'sh');
    await shell(blocks[2]!.text);
    const told = await shell(blocks[3]!.text);
    expect(told).toContain(
      'Success! Signature and approvals are what the trust policy "production" (trust/trust.yaml) asks for.',
    );
    for (const vm of ['vm', 'other']) {
      expect(await isOn(bench, vm)).toBe(false);
      expect((await bench.target.control.volumeNamed(`${vm}-2000`)).metadata['converted']).toBe('true');
    }
    expect(await run(trusting('plan.json'))).toContain('already applied');
  });
});

describe('what is refused', () => {
  /** Signed by ci, approved by alice and bob. */
  async function signed(name: string, ...by: readonly string[]): Promise<string> {
    await run(['plan', '--out', name, '--trust', 'trust/trust.yaml']);
    await run(['sign', name, '--key', 'keys/ci']);
    for (const key of by) await run(['approve', name, '--key', `keys/${key}`]);
    await forgetCalls(bench);
    return name;
  }
  const projectSays = (spec: string) =>
    project.edit('migplan.yaml', (text) => `${text.replace(/ {2}(policy|trust): [\s\S]*$/, '')}${spec}`);

  beforeAll(async () => {
    for (const vm of ['vm', 'other']) await project.removeManifest(vm);
    for (const vm of ['left', 'right']) await project.manifest(vm, manifestOf(vm, 'phase: seed'));
    await migplan(project, ['apply', '--auto-approve']);
    for (const vm of ['left', 'right']) await project.manifest(vm, cutover(vm));
    await signed('good.json', 'alice', 'bob');
  });

  test('a plan without a signature, of somebody else, and one that was changed after it', async () => {
    await run(['plan', '--out', 'bad.json']);
    await refused(trusting('bad.json'), '[MP3022]', 'it has no signature');
    await run(['sign', 'bad.json', '--key', 'keys/alice']);
    await refused(trusting('bad.json'), '[MP3022]', 'it is no signature of alice@example.com for this');
    const any = await policyWith('any', (text) => text.replace('[ci@', '[carol@'));
    await run(['sign', 'bad.json', '--key', 'keys/ci']);
    await refused(['apply', 'bad.json', '--trust', any], 'it is signed by ci@example.com, who may not sign plans');
    await rewritePlan(project, { from: 'bad.json', to: 'bad.json' }, (plan) => ({ ...plan, notes: ['all is well'] }));
    await refused(trusting('bad.json'), '[MP3022]', 'the signature of ');
  });

  test('a policy that is named and not there, broken, or an empty variable', async () => {
    expect(await run(['apply', 'good.json', '--trust', 'gone.yaml'], { exit: 1 })).toContain('[MP3024]');
    const broken = await policyWith('broken', (text) => text.replace('count: 2', 'count: 3'));
    expect(await run(['apply', 'good.json'], { exit: 1, env: { MIGPLAN_TRUST: broken } })).toMatch(
      /on trust\/broken\.yaml:\d+:\d+/,
    );
    expect(await run(['apply', 'good.json'], { exit: 1, env: { MIGPLAN_TRUST: '' } })).toContain('MIGPLAN_TRUST is empty');
    expect(await run(['verify', 'good.json'], { exit: 1 })).toContain('no trust policy is named');
    expect(await effects(bench)).toEqual([]);
    await run(['verify', 'good.json'], { env: { MIGPLAN_TRUST: 'trust/trust.yaml' } });
  });

  test('a plan whose Project names a laxer policy than the one in force', async () => {
    const lax = await policyWith('lax', (text) => text.replace('count: 2', 'count: 1'));
    await projectSays(`  trust: ${lax}\n`);
    await signed('lax.json', 'alice');
    await run(['verify', 'lax.json', '--trust', lax]);
    await refused(trusting('lax.json'), '[MP3025]', '1 of 2 approvals');
    await projectSays('');
    await signed('none.json', 'alice', 'bob');
    await run(['verify', 'none.json', '--trust', 'trust/trust.yaml']);
  });

  test('a plan for another environment than that of its cloud', async () => {
    const cloud = (JSON.parse(await readFile(join(project.folder, 'good.json'), 'utf8')) as PlanFile).targets.find(
      ({ kind }) => kind === 'openstack',
    )!.id;
    const both = `  environments: {prod: {clouds: ["${cloud}"]}, test: {clouds: ["0"]}}\n`;
    const environments = await policyWith('environments', (text) => `${text}${both}`);
    await refused(['verify', 'good.json', '--trust', environments], '[MP3028]', 'the plan is for no environment');
    await projectSays('  policy: {environment: test}\n');
    await signed('test.json');
    await refused(['apply', 'test.json', '--trust', environments], '[MP3028]', `the cloud "rhoso-prod" (${cloud}) is not of it`);
    expect(await run(['approve', 'test.json', '--key', 'keys/bob', '--environment', 'prod'], { exit: 1 })).toContain('[MP3028]');
    expect(await run(['show', 'test.json', '--json'])).toContain('"environment": "test"');
    await projectSays('  policy: {environment: prod}\n');
    await signed('prod.json', 'alice', 'bob');
    await run(['verify', 'prod.json', '--trust', environments]);
  });

  test('a plan that breaks rules, when it is made and when it is applied', async () => {
    const rules = (more: string): string => `  policy: {cutovers: 1, delta: 1GiB, command: [./check]${more}}\n`;
    const check = join(project.folder, 'check');
    await writeFile(check, '#!/bin/sh\necho "no rules \x1b[31mfound" >&2\n');
    await chmod(check, 0o755);
    await projectSays(rules(''));
    const told = await run(['plan', '--out', 'rules.json', '--fail-on', 'violations'], { exit: 1 });
    expect(told).toContain('rule "cutovers" of the Project: 2 VMs would be cut over, and one plan may cut over 1');
    expect(told).toContain('rule "delta" of the Project: the delta of disk 2000 has no limit, and 1.0 GiB is the most');
    expect(told).toContain('[MP3021]');
    expect(told).toContain('it said: no rules \\u{1b}[31mfound');
    const lines = await run(['plan', '--fail-on', 'violations', '--detailed-exitcode', '--json'], { exit: 1 });
    expect(lines).toContain('"type":"violation"');
    expect(lines).toContain('"type":"change_summary"');
    await refused(['apply', 'rules.json', '--allow-cutover'], '[MP3020]', 'rule "cutovers"', '[MP3021]', 'nothing was changed');

    await writeFile(check, '#!/bin/sh\ncat >/dev/null\necho \'{"violations": []}\'\n');
    await project.manifest('left', `${cutover('left')}\nlimits: {delta: 1GiB}`);
    const left = ['--target', 'vm/left'];
    await run(['plan', ...left, '--out', 'left.json', '--fail-on', 'violations', '--fail-on', 'blocked']);
    await projectSays(rules(', freezes: {year-end: {start: 2020-01-01T00:00:00Z, end: 2099-01-01T00:00:00Z}}'));
    await refused(['apply', 'left.json', '--allow-cutover'], 'rule "freezes" of the Project: "year-end" lasts until 2099');
    await projectSays(rules(''));
  });

  test('a cutover without a flag, where the policy lets the flag do', async () => {
    const flags = await policyWith('flags', (text) => `${text}  flags: {allowCutover: true}\n`);
    const only = await policyWith(
      'only',
      (text) => `${text.replace('cutover, reseed', 'reseed')}  flags: {allowCutover: true}\n`,
    );
    await run(['sign', 'left.json', '--key', 'keys/ci']);
    await refused(['apply', 'left.json', '--trust', flags], '0 of 2 approvals');
    await refused(['apply', 'left.json', '--trust', only], 'says who approves it');
    await run(['apply', 'left.json', '--trust', only, '--allow-cutover']);
    expect(await isOn(bench, 'left')).toBe(false);
  });

  test('every advice was given, and followed to where it leads', () => {
    expect(trustAdvice.filter((advice) => !met.has(advice))).toEqual([]);
  });
});
