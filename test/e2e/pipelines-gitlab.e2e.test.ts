import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Bench } from '../../lab/harness/bench.js';
import { effects, forgetCalls } from '../../lab/harness/effects.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { expectEnd, PipelineBench, TOKEN } from './pipeline-bench.js';
import { dataOn, exampleYaml, type ShellResult, shell } from './pipeline-run.js';
import { savedPlan } from './saved-plan.js';
import { asConverted, expectCopied, isOn, manifestOf } from './steps.js';

/** The jobs of examples/gitlab-ci by a shell that has nothing of bash, with the variables that GitLab gives them. */
let lab: PipelineBench;
let bench: Bench;
beforeAll(async () => {
  lab = await PipelineBench.open('mr');
  bench = lab.bench;
});
beforeEach(() => lab.newForge());
afterEach(async () => expect(await bench.leftovers()).toEqual([]));
afterAll(() => lab[Symbol.asyncDispose]());

interface GitlabJob {
  readonly extends?: string;
  readonly script?: readonly string[];
  readonly tags?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
}

/** The lines of a job's script one after the other in one shell, as a runner starts it in an image that has no bash. */
async function gitlab(
  project: LabProject,
  name: string,
  more: Readonly<Record<string, string>> = {},
  policy?: (text: string) => string,
): Promise<ShellResult> {
  const file = await exampleYaml<Record<string, GitlabJob>>('gitlab-ci/.gitlab-ci.yml');
  const base = file[file[name]!.extends ?? ''];
  // `extends` merges maps; everything else of the job counts in place of what is extended.
  const job: GitlabJob = { ...base, ...file[name], variables: { ...base?.variables, ...file[name]!.variables } };
  const env = {
    GITLAB_CI: 'true',
    CI_API_V4_URL: `${lab.forge.url}/api/v4`,
    CI_PROJECT_ID: '42',
    CI_MERGE_REQUEST_IID: '7',
    CI_COMMIT_BEFORE_SHA: await lab.mainBefore(project, policy),
    MIGPLAN_SIGNING_KEY: `${project.folder}.signing-key`,
    MIGPLAN_DATA_DIR: dataOn(`${job.tags}`, project),
    ...lab.vars,
    ...lab.secrets,
    ...(file['variables'] as Record<string, string>),
    ...job.variables,
    ...more,
  };
  const run = await shell(project, { program: 'dash', args: ['-e'], script: job.script!.join('\n'), env });
  lab.expectNoSecret(run.output);
  return run;
}

describe('pipelines of GitLab', () => {
  let project: LabProject;
  beforeAll(async () => {
    project = await lab.repository('lab');
    await project.manifest('mr', manifestOf('mr', 'phase: seed'));
  });
  const plan = (source = 'merge_request_event'): Promise<ShellResult> =>
    gitlab(project, 'plan', { CI_PIPELINE_SOURCE: source, MIGPLAN_COMMENT_TOKEN: TOKEN });
  const digest = async (): Promise<string> => (await savedPlan(project, 'plan.json')).digest;

  test('a merge request gets one note, which every run writes over, and reports that GitLab reads', async () => {
    for (const _ of [1, 2]) await expectEnd(plan(), 0);
    expect(lab.forge.writes.map((write) => write.split(' ')[0])).toEqual(['POST', 'PUT']);
    expect(lab.forge.own.map(({ body }) => body.startsWith('<!-- migplan-plan '))).toEqual([true]);
    expect(JSON.parse(await readFile(join(project.folder, 'widget.json'), 'utf8'))).toMatchObject({ create: 1, delete: 0 });
    expect(await readFile(join(project.folder, 'plan.env'), 'utf8')).toBe(`MIGPLAN_DIGEST=${await digest()}\n`);
  });

  test('only the plan that was named is applied, and no other that was made since', async () => {
    await expectEnd(plan('push'), 0);
    expect(lab.forge.writes).toEqual([]);
    const read = await digest();
    await expectEnd(plan('push'), 0);
    await forgetCalls(bench);
    const now = await digest();
    const variables = { MIGPLAN_DIGEST: now };
    for (const approved of [{}, { APPROVED_DIGEST: read }]) {
      const { output } = await expectEnd(gitlab(project, 'apply', { ...variables, ...approved }), 1);
      expect(output).toContain('Nothing was changed.');
    }
    expect(await effects(bench)).toEqual([]);
    const seeds = (policy: string): string => policy.replace('[reseed,', '[seed, reseed,');
    const apply = (): Promise<ShellResult> => gitlab(project, 'apply', { ...variables, APPROVED_DIGEST: now }, seeds);
    expect((await expectEnd(apply(), 4)).output).toContain('seed of vm/mr: 0 of 1 approvals');
    await lab.approve(project, join(project.folder, 'plan.json'), ['mallory']);
    expect((await expectEnd(apply(), 4)).output).toContain('does not count: its signature is no good');
    expect(await effects(bench)).toEqual([]);
    await lab.approve(project, join(project.folder, 'plan.json'), ['alice']);
    await expectEnd(apply(), 0);
    await expectCopied(bench, 'mr', 2000);
  });

  test('a cutover is refused by apply and by the night, which says so by the code that is allowed', async () => {
    await project.manifest('mr', manifestOf('mr', 'phase: cutover'));
    await expectEnd(plan('push'), 0);
    const now = await digest();
    await expectEnd(gitlab(project, 'apply', { MIGPLAN_DIGEST: now, APPROVED_DIGEST: now }), 4);
    const { output } = await expectEnd(gitlab(project, 'nightly'), 6);
    expect(output).toContain('Cutovers were left alone.');
    expect(await isOn(bench, 'mr')).toBe(true);
    const { nightly, cutover } = await exampleYaml<Record<string, GitlabJob>>('gitlab-ci/.gitlab-ci.yml');
    expect(nightly).toMatchObject({ allow_failure: { exit_codes: 6 } });
    expect(cutover).toMatchObject({ environment: { name: 'migplan-cutover' }, variables: { ALLOW_CUTOVER: '--allow-cutover' } });
  });

  test('a blocked VM fails plan and night', async () => {
    await project.manifest('mr', manifestOf('mr', 'cbtSync: false'));
    const { output } = await expectEnd(plan(), 1);
    expect(output).toContain('VMs that are blocked: 1');
    expect(lab.forge.own).toHaveLength(1);
    await expectEnd(gitlab(project, 'nightly'), 1);
  });

  test('drift names what no manifest declares and somebody changed since the last apply', async () => {
    await project.manifest('mr', manifestOf('mr', 'phase: seed'));
    await expectEnd(gitlab(project, 'drift'), 0);
    await lab.renameVolume('mr-2000', 'renamed');
    const { output } = await expectEnd(gitlab(project, 'drift'), 2);
    expect(output).toMatch(/^# vm\/mr has changed since run \w{12}, which ended at \S+Z$/m);
    expect(output).toContain('~ vm/mr/disk/2000 volume_name: "mr-2000" -> "renamed"');
    await lab.renameVolume('renamed', 'mr-2000');
  });

  test('drift is silent until somebody changes a volume', async () => {
    await project.manifest('mr', manifestOf('mr', 'phase: cutover'));
    await asConverted(bench, 'mr');
    await expectEnd(gitlab(project, 'drift'), 0);
    await lab.changeVolume('mr');
    const { output } = await expectEnd(gitlab(project, 'drift'), 2);
    expect(output).toContain('[MP2081]');
  });
});
