import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { lifetimeMs } from '../../src/plan/file/plan-file.js';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, string>>;
}
interface Job {
  readonly if?: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly 'cancel-in-progress': boolean };
  readonly env?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: object;
  readonly concurrency?: { readonly 'cancel-in-progress': boolean };
  readonly jobs: Readonly<Record<string, Job>>;
}

const HOUR_MS = 3_600_000;
const folder = new URL('../../examples/github-actions/.github/workflows/', import.meta.url);
const workflows = readdirSync(folder).map((file): [string, Workflow] => [
  file.replace('.yml', ''),
  parse(readFileSync(new URL(file, folder), 'utf8')) as Workflow,
]);
const jobs = workflows.flatMap(([name, { jobs }]) =>
  Object.entries(jobs).map(([job, body]): [string, Job] => [`${name}.${job}`, body]),
);
const named = Object.fromEntries(workflows);

describe.each(jobs)('job %s', (name, job) => {
  test('has no more permissions than it uses, and an end', () => {
    const writes = Object.entries(job.permissions).filter(([, level]) => level !== 'read');
    expect(writes).toEqual(name === 'plan.plan' ? [['pull-requests', 'write']] : []);
    expect(job['timeout-minutes']).toBeGreaterThan(0);
  });

  test('puts nothing of an event into a script, says which shell, and names actions by major version', () => {
    for (const { run, shell, uses } of job.steps) {
      expect(run ?? '').not.toContain('${{');
      expect(run === undefined ? 'bash' : shell).toBe('bash');
      if (uses !== undefined) expect(uses).toMatch(/^actions\/[a-z-]+@v\d+$/);
    }
  });

  test('has secrets in single steps only', () => {
    expect(JSON.stringify(job.env ?? {})).not.toContain('secrets.');
    const actions = job.steps.filter(({ uses }) => uses !== undefined);
    expect(JSON.stringify(actions)).not.toContain('secrets.');
  });
});

test('nothing is granted to a whole workflow, and no workflow gives secrets to forks', () => {
  for (const [, { permissions, on }] of workflows) {
    expect(permissions).toEqual({});
    expect(Object.keys(on)).not.toContain('pull_request_target');
    expect(Object.keys(on)).not.toContain('workflow_run');
  }
  expect(named['plan']!.jobs['plan']!.if).toBe('github.event.pull_request.head.repo.full_name == github.repository');
});

test('what changes something is never cancelled', () => {
  expect(named['apply']!.jobs['apply']!.concurrency).toMatchObject({ 'cancel-in-progress': false });
  expect(named['nightly']!.concurrency).toMatchObject({ 'cancel-in-progress': false });
});

test('artifacts are kept for less time than their plan may be applied, or for the least that GitHub keeps', () => {
  const upload = named['plan']!.jobs['plan']!.steps.find(({ uses }) => uses?.startsWith('actions/upload-artifact'));
  const [, cutover, other] = /&& (\d+) \|\| (\d+)/.exec(upload!.with!['retention-days']!)!.map(Number) as [
    number,
    number,
    number,
  ];
  expect(other * 24 * HOUR_MS).toBeLessThan(lifetimeMs({ irreversible: false }));
  expect(cutover).toBe(1);
  const gitlab = parse(readFileSync(new URL('../../examples/gitlab-ci/.gitlab-ci.yml', import.meta.url), 'utf8')) as {
    plan: { artifacts: { expire_in: string } };
  };
  const [, hours] = /^(\d+) hours$/.exec(gitlab.plan.artifacts.expire_in)!;
  expect(Number(hours) * HOUR_MS).toBeLessThan(lifetimeMs({ irreversible: true }));
});
