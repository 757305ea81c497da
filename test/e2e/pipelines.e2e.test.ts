import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Bench } from '../../lab/harness/bench.js';
import { effects, forgetCalls } from '../../lab/harness/effects.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { expectEnd, PipelineBench, TOKEN } from './pipeline-bench.js';
import { type Contexts, dataOn, exampleYaml, expressed, GithubJob, type GithubRun, type Workflow } from './pipeline-run.js';
import { rewritePlan, savedPlan } from './saved-plan.js';
import { asConverted, copying, expectCopied, guestWrites, isOn, manifestOf, migplan } from './steps.js';

/** The workflows of examples/github-actions, step by step, by the shell and with the variables that GitHub gives them. */
const HEAD = 'a'.repeat(40);
const MERGE = 'b'.repeat(40);

let lab: PipelineBench;
let bench: Bench;
beforeAll(async () => {
  lab = await PipelineBench.open('app', 'cut', 'late', 'night');
  bench = lab.bench;
});
beforeEach(() => lab.newForge());
afterEach(async () => expect(await bench.leftovers()).toEqual([]));
afterAll(() => lab[Symbol.asyncDispose]());

const workflow = (name: string): Promise<Workflow> => exampleYaml(`github-actions/.github/workflows/${name}.yml`);

async function github(project: LabProject, name: string, job: string, more: Contexts = {}): Promise<GithubRun> {
  const { jobs } = await workflow(name);
  const { before, ...contextsOfJob } = more;
  const event = { before, pull_request: { number: 7, head: { repo: { full_name: 'acme/vms' } } } };
  const environment = { GITHUB_API_URL: lab.forge.url, GITHUB_REPOSITORY: 'acme/vms', GITHUB_SHA: MERGE, GITHUB_ACTIONS: 'true' };
  const contexts = {
    github: { event, repository: 'acme/vms', token: TOKEN },
    vars: { ...lab.vars, MIGPLAN_DATA_DIR: dataOn(`${jobs[job]!['runs-on']}`, project) },
    secrets: { ...lab.secrets, MIGPLAN_SIGNING_KEY: lab.people.signingKey },
    environment,
    ...contextsOfJob,
  };
  const run = await new GithubJob(project, `${project.folder}.artifacts`, contexts).run(jobs[job]!);
  lab.expectNoSecret(`${run.output}${run.summary}`);
  return run;
}

/** What GitHub knows after the merge; the approval is of now unless told otherwise. The artifact is the one that the comment names. */
async function merged(approvedAt = new Date(Date.now() + 1000).toISOString()): Promise<string> {
  const artifact = `migplan-plan-${/migplan-digest sha256:(\w+)/.exec(lab.forge.own.at(-1)!.body)![1]}`;
  const pull = { number: 7, head: { sha: HEAD }, merge_commit_sha: MERGE, merged_at: approvedAt };
  const run = { id: 5, head_sha: HEAD, repository_id: 1, head_repository_id: 1 };
  const approval = { state: 'APPROVED', commit_id: HEAD, submitted_at: approvedAt, author_association: 'MEMBER' };
  lab.forge.facts.set(`/commits/${MERGE}/pulls`, [pull]);
  lab.forge.facts.set('/pulls/7/reviews', [approval]);
  lab.forge.facts.set(`/actions/artifacts?name=${artifact}`, { artifacts: [{ id: 3, expired: false, workflow_run: run }] });
  return artifact;
}

async function approved(project: LabProject): Promise<Record<string, string>> {
  await expectEnd(github(project, 'plan', 'plan'), 0);
  await merged();
  return { ...(await expectEnd(github(project, 'apply', 'approved'), 0)).outputs };
}

/** `policy` is what main had before the merge. */
const apply = async (
  project: LabProject,
  outputs: Record<string, string>,
  policy?: (text: string) => string,
): Promise<GithubRun> =>
  github(project, 'apply', 'apply', { needs: { approved: { outputs } }, before: await lab.mainBefore(project, policy) });

describe('workflows of GitHub', () => {
  let project: LabProject;
  beforeAll(async () => {
    project = await lab.repository('hub');
    await project.manifest('app', manifestOf('app', 'phase: seed'));
  });

  test('a pull request gets one comment, which every run writes over, and an artifact a run', async () => {
    await forgetCalls(bench);
    const first = await expectEnd(github(project, 'plan', 'plan'), 0);
    expect(first.summary).toContain('<!-- migplan-plan ');
    const { digest } = await savedPlan(project, 'plan.json');
    expect(lab.forge.own.map(({ body }) => body.includes(digest))).toEqual([true]);

    await expectEnd(github(project, 'plan', 'plan'), 0);
    const second = await savedPlan(project, 'plan.json');
    expect(lab.forge.own.map(({ body }) => body.trimEnd().endsWith(`<!-- migplan-digest ${second.digest} -->`))).toEqual([true]);
    expect(lab.forge.writes.map((write) => write.split(' ')[0])).toEqual(['POST', 'PATCH']);
    expect(await readdir(`${project.folder}.artifacts`)).toHaveLength(2);
    expect(await effects(bench)).toEqual([]);
  });

  test('what was not approved, was made anew since, or is another plan is refused before anything starts', async () => {
    const before = new Date().toISOString();
    await expectEnd(github(project, 'plan', 'plan'), 0);
    await forgetCalls(bench);
    await merged(before);
    const anew = await expectEnd(github(project, 'apply', 'approved'), 1);
    expect(anew.output).toContain('Nobody has approved pull request 7 after its plan was made');

    const kept = `../hub.artifacts/${await merged()}/plan.json`;
    await rewritePlan(project, { from: kept, to: kept }, (plan) => ({ ...plan, plan: { ...plan.plan, created_by: 'forger' } }));
    const other = await expectEnd(github(project, 'apply', 'approved'), 1);
    expect(other.output).toContain('The artifact is not the plan that was approved');

    const approval = { state: 'APPROVED', commit_id: HEAD, submitted_at: '2099-01-01T00:00:00Z', author_association: 'MEMBER' };
    const none = [
      { ...approval, author_association: 'NONE' },
      { ...approval, commit_id: MERGE },
      { ...approval, state: 'DISMISSED' },
    ];
    lab.forge.facts.set('/pulls/7/reviews', none);
    expect((await expectEnd(github(project, 'apply', 'approved'), 1)).output).toContain('Nobody has approved');
    expect(await effects(bench)).toEqual([]);
  });

  test('the approved plan is applied; a second run does nothing', async () => {
    const outputs = await approved(project);
    expect(outputs).toMatchObject({ irreversible: 'false', run: '5' });
    await expectEnd(apply(project, outputs), 0);
    await expectCopied(bench, 'app', 2000);
    await forgetCalls(bench);
    await expectEnd(apply(project, outputs), 0);
    expect(await effects(bench)).toEqual([]);
  });

  test('manifests that changed after the approval: refused', async () => {
    await project.manifest('late', manifestOf('late', 'phase: seed'));
    const outputs = await approved(project);
    await project.edit('manifests/late.yaml', (text) => text.replace('seed', 'sync'));
    await forgetCalls(bench);
    const { output } = await expectEnd(apply(project, outputs), 4);
    expect(output).toContain('::error title=migplan::The plan was refused');
    expect(await effects(bench)).toEqual([]);
    await project.removeManifest('late');
  });

  test('a cutover is applied in the environment that asks, and is refused without', async () => {
    await project.manifest('app', manifestOf('app', 'phase: cutover'));
    const outputs = await approved(project);
    const { jobs } = await workflow('apply');
    const environmentFor = (irreversible: string): unknown =>
      expressed(jobs['apply']!.environment!, { needs: { approved: { outputs: { irreversible } } } });
    expect(outputs).toMatchObject({ irreversible: 'true' });
    expect(['true', 'false'].map(environmentFor)).toEqual(['migplan-cutover', 'migplan']);
    const inFlags = (policy: string): string =>
      policy.replace('[cutover]', '[sync]').replace('{auto', '{allowCutover: true, auto');
    const { output } = await expectEnd(apply(project, { ...outputs, irreversible: 'false' }, inFlags), 4);
    expect(output).toContain('[MP3023]');
    expect(await isOn(bench, 'app')).toBe(true);
  });

  test('blocked VMs: the comment is written, and then the job fails', async () => {
    await project.manifest('app', manifestOf('app', 'cbtSync: false'));
    const { output } = await expectEnd(github(project, 'plan', 'plan'), 1);
    expect(output).toContain('::error title=migplan::VMs that are blocked: 1.');
    expect(lab.forge.own.at(-1)!.body).toContain('blocked');
  });

  test('an error of migplan is the end of each job, behind tee too', async () => {
    const wrong = { secrets: { ...lab.secrets, VCENTER_PASSWORD: 'wrong' } };
    await expectEnd(github(project, 'plan', 'plan', wrong), 1);
    await expectEnd(github(project, 'nightly', 'sync', wrong), 1);
    await expectEnd(github(project, 'drift', 'drift', wrong), 1);
    expect(lab.forge.writes).toEqual([]);
  });
});

describe('who stands for a plan', () => {
  let project: LabProject;
  let outputs: Record<string, string>;
  let plan: string;
  const refused = async (running: Promise<GithubRun>, ...texts: readonly string[]): Promise<void> => {
    const { output, summary } = await expectEnd(running, 4);
    for (const text of texts) expect(`${output}${summary}`).toContain(text);
    expect(output).toContain('::error title=migplan::The plan was refused, and nothing was changed');
    expect(summary).toContain('[MP30');
    expect(await effects(bench)).toEqual([]);
  };
  /** The policy of main before the merge: first copies need one approval. */
  const seeds = (policy: string): string => policy.replace('[reseed,', '[seed, reseed,');
  const none = (policy: string): string => policy.replace(/ {2}approvals:[\s\S]*?(?= {2}#)/, '');

  beforeAll(async () => {
    project = await lab.repository('stands');
    await project.manifest('late', manifestOf('late', 'phase: seed'));
    outputs = await approved(project);
    plan = `${project.folder}.artifacts/${outputs['artifact']}/plan.json`;
    await forgetCalls(bench);
  });

  test('a plan that was changed between the jobs is not what was signed', async () => {
    const original = await readFile(plan, 'utf8');
    await writeFile(plan, original.replace('\n', '\n\n'));
    await refused(apply(project, outputs), '[MP3022]', 'the signature of ');
    // By somebody who can write the digest and the comment as well.
    const kept = `../stands.artifacts/${outputs['artifact']}/plan.json`;
    await rewritePlan(project, { from: kept, to: kept }, (file) => ({ ...file, notes: ['nothing to see'] }));
    const { digest } = JSON.parse(await readFile(plan, 'utf8')) as { readonly digest: string };
    await refused(apply(project, { ...outputs, digest }), '[MP3022]', 'the signature of ');
    await rm(`${plan}.sig`);
    await writeFile(plan, original);
    await refused(apply(project, outputs), '[MP3022]', 'it has no signature');
    await migplan(project, ['sign', plan, '--key', lab.people.key('plan-job')]);
  });

  test('an approval that is missing, has ended, or is of somebody whom the policy does not name', async () => {
    await refused(apply(project, outputs, seeds), '[MP3023]', 'seed of vm/late: 0 of 1 approvals');
    await lab.approve(project, plan, ['mallory']);
    await refused(apply(project, outputs, seeds), '0 of 1 approvals', 'does not count: its signature is no good');
    await lab.approve(project, plan, ['plan-job']);
    await refused(apply(project, outputs, seeds), '0 of 1 approvals');
    await lab.approve(project, plan, ['alice'], '--valid-for', '1s');
    await delay(1500);
    await refused(apply(project, outputs, seeds), '0 of 1 approvals', 'the approval of alice@example.com was good until');
  });

  test('a branch that lowers the policy: that of main before the merge counts, and the Project of the branch names none of its own', async () => {
    await lab.people.writeTrust(project.folder, none);
    await refused(apply(project, outputs, seeds), '[MP3023]', 'seed of vm/late: 0 of 1 approvals');
    await project.edit('migplan.yaml', (text) => `${text}  trust: trust/trust.yaml\n`);
    const lowered = await approved(project);
    await lab.approve(project, `${project.folder}.artifacts/${lowered['artifact']}/plan.json`, ['alice']);
    await forgetCalls(bench);
    await refused(apply(project, lowered, seeds), '[MP3025]');
    await project.edit('migplan.yaml', (text) => text.replace('  trust: trust/trust.yaml\n', ''));
  });

  test('with the approval that was missing the same job is run again, and does exactly that plan', async () => {
    await lab.approve(project, plan, ['bob']);
    const { summary } = await expectEnd(apply(project, outputs, seeds), 0);
    expect(summary).toContain('Signature and approvals are what the trust policy "pipelines"');
    await expectCopied(bench, 'late', 2000);
  });
});

describe('a night, and the morning after it', () => {
  let project: LabProject;
  beforeAll(async () => {
    project = await lab.repository('night');
    for (const vm of ['night', 'cut']) await project.manifest(vm, manifestOf(vm, 'phase: seed'));
  });

  test('two runs of one machine at a time: the second leaves the first alone, says so and ends with 5', async () => {
    const other = await lab.repository('other');
    for (const vm of ['night', 'cut']) await other.manifest(vm, manifestOf(vm, 'phase: seed'));
    await bench.source.control.setVddk({ readDelayMs: 200 });
    const first = github(project, 'nightly', 'sync');
    await copying(bench);
    const vars = { ...lab.vars, MIGPLAN_DATA_DIR: `${project.folder}.data` };
    const { output } = await expectEnd(github(other, 'nightly', 'sync', { vars }), 5);
    expect(output).toContain('::error title=migplan::Another run holds the lock.');
    await bench.source.control.setVddk({});
    await expectEnd(first, 0);
  });

  test('the second run changes nothing', async () => {
    await expectEnd(github(project, 'nightly', 'sync'), 0);
    for (const vm of ['night', 'cut']) await expectCopied(bench, vm, 2000);
    await forgetCalls(bench);
    await expectEnd(github(project, 'nightly', 'sync'), 0);
    expect(await effects(bench)).toEqual([]);
  });

  test('a cutover is left alone and told, beside a sync and alone; it is no failure', async () => {
    await project.manifest('cut', manifestOf('cut', 'phase: cutover'));
    await project.manifest('night', manifestOf('night', 'phase: sync'));
    await guestWrites(bench, 'night', 1);
    const beside = await expectEnd(github(project, 'nightly', 'sync'), 0);
    expect(beside.output).toContain('::warning title=migplan::Cutovers were left alone');
    expect(beside.summary).toMatch(/not approved +vm\/cut/);
    await expectCopied(bench, 'night', 2000);

    await project.manifest('night', manifestOf('night', 'phase: seed'));
    const alone = await expectEnd(github(project, 'nightly', 'sync'), 0);
    expect(alone.output).toContain('::warning title=migplan::Cutovers were left alone');
    expect(await isOn(bench, 'cut')).toBe(true);
  });

  test('a blocked VM beside a cutover is a failure', async () => {
    await project.manifest('night', manifestOf('night', 'cbtSync: false'));
    const { output } = await expectEnd(github(project, 'nightly', 'sync'), 6);
    expect(output).toContain('::error title=migplan::Some work is not done (exit code 6)');
    await project.manifest('night', manifestOf('night', 'phase: seed'));
  });

  test('drift is silent until somebody changes a volume', async () => {
    await asConverted(bench, 'cut');
    const { code } = await github(project, 'drift', 'drift');
    expect(code).toBe(0);
    await lab.changeVolume('cut');
    const { output, summary } = await expectEnd(github(project, 'drift', 'drift'), 2);
    expect(output).toContain('::error title=migplan::Something is not as it was declared or left');
    expect(summary).toContain('[MP2081]');
  });

  test('drift names what no manifest declares and somebody changed since the night', async () => {
    await lab.renameVolume('night-2000', 'renamed');
    const { summary } = await expectEnd(github(project, 'drift', 'drift'), 2);
    expect(summary).toMatch(/^# vm\/night has changed since run \w{12}, which ended at \S+Z$/m);
    expect(summary).toContain('~ vm/night/disk/2000 volume_name: "night-2000" -> "renamed"');
  });
});
