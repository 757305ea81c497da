import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { encodePlanFile, type PlanFile } from '../../src/plan/file/plan-file.js';
import { planView } from '../../src/views/plan/select.js';
import { entries, samplePlan } from '../plan/sample-plan.js';
import { RecordingStreams, viewOptions } from './streams.js';

// What reads Terraform's plans reads ours: by the expressions that these programs look for.

/** Atlantis: the counts, and that nothing changes. */
const ATLANTIS_COUNTS = /Plan: (?:(\d+) to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy/;
const ATLANTIS_NOTHING = /No changes\. (?:Infrastructure is up-to-date|Your infrastructure matches the configuration)\./;
/** tfcmt: that there is a plan, errors, resources by what becomes of them, and that something is destroyed. */
const TFCMT_PLAN = /^(Plan: \d|No changes\.)/m;
const TFCMT_ERROR = /^([│|] )?(Error: )/m;
const TFCMT_CREATED = /^ *# (.*) will be created$/gm;
const TFCMT_UPDATED = /^ *# (.*) will be updated in-place$/gm;
const TFCMT_DESTROYED = /([1-9][0-9]* to destroy\.)/;
/** GitLab's template for the numbers of its widget. */
const GITLAB_JQ =
  '([.resource_changes[]?.change.actions?]|flatten)|{"create":(map(select(.=="create"))|length),"update":(map(select(.=="update"))|length),"delete":(map(select(.=="delete"))|length)}';

function text(plan: PlanFile, detail: 'auto' | 'vm' | 'disk' | 'step' = 'disk'): string {
  const streams = new RecordingStreams();
  planView(viewOptions(streams)).plan(plan, { detail });
  return streams.text;
}
const jq = (program: string, plan: PlanFile): unknown =>
  JSON.parse(execFileSync('jq', ['-c', program], { input: encodePlanFile(plan), encoding: 'utf8' }));

const sample = samplePlan();
const calm = samplePlan([entries.seeded, entries.converted]);

describe('the text', () => {
  test.each(['vm', 'disk', 'step'] as const)('with --detail %s has its counts where Atlantis and tfcmt look', (detail) => {
    expect(ATLANTIS_COUNTS.exec(text(sample, detail))?.slice(1)).toEqual([undefined, '2', '10', '0']);
    expect(TFCMT_PLAN.exec(text(sample, detail))?.[1]).toBe('Plan: 2');
    expect(text(sample, detail)).not.toMatch(TFCMT_DESTROYED);
    expect(text(sample, detail)).not.toMatch(TFCMT_ERROR);
  });
  test('says that nothing changes at the start of a line, with the whole sentence', () => {
    expect(text(calm)).toMatch(ATLANTIS_NOTHING);
    expect(TFCMT_PLAN.exec(text(calm))?.[1]).toBe('No changes.');
    expect(text(sample)).not.toMatch(ATLANTIS_NOTHING);
  });
  test('names resources as tfcmt lists them', () => {
    const named = (expression: RegExp): string[] => [...text(sample).matchAll(expression)].map(([, address]) => address!);
    expect(named(TFCMT_CREATED)).toEqual(['vm/web-03/disk/2000', 'vm/win-fs1/server']);
    expect(named(TFCMT_UPDATED)).toContain('vm/erp-db01/disk/2000');
  });
});

describe('the JSON', () => {
  test('gives GitLab its numbers', () => {
    expect(jq(GITLAB_JQ, sample)).toEqual({ create: 2, update: 10, delete: 0 });
    expect(jq(GITLAB_JQ, calm)).toEqual({ create: 0, update: 0, delete: 0 });
  });
  // A reader gave up on a plan without changes, because it had no list of them.
  test('has its lists and flags in a plan without changes, and in one without VMs', () => {
    for (const plan of [calm, samplePlan([])]) {
      expect(jq('[(.resource_changes|type), (.resource_drift|type), .applyable, .complete, .errored]', plan)).toEqual([
        'array',
        'array',
        false,
        true,
        false,
      ]);
    }
  });
  test('has what readers of terraform show look at, and says the same twice', () => {
    const { format_version: format, terraform_version: version, timestamp, applyable, complete, errored, plan, tool } = sample;
    expect(format).toMatch(/^1\.\d+$/);
    expect({ version, timestamp, applyable, complete, errored }).toEqual({
      version: tool.migplan_version,
      timestamp: plan.created_at,
      applyable: plan.applyable,
      complete: plan.complete,
      errored: false,
    });
    expect(samplePlan(undefined, { selected: ['vm/*'] }).complete).toBe(false);
    for (const change of sample.resource_changes) expect(change.provider_name).toBe('migplan.dev/migplan/openstack');
  });
  test('lists what is not as it was left as drift, with its values', () => {
    expect(sample.resource_drift).toMatchObject([
      {
        address: 'vm/crm-01/disk/2000',
        type: 'disk',
        action_reason: 'MP2006',
        change: {
          actions: ['update'],
          before: { tracking_epoch: 'other' },
          after: { tracking_epoch: expect.stringMatching(/^[0-9a-f -]+$/) },
          after_unknown: {},
        },
      },
    ]);
    expect(calm.resource_drift).toEqual([]);
  });
  // Rules of OPA are written like this: conftest gives them the document as `input`.
  test('lets a rule find what cannot be undone, and what is blocked', () => {
    expect(jq('[.resource_changes[]|select(.irreversible)|.address]', sample)).toEqual([
      'vm/batch-02/disk/2000',
      'vm/hr-02/disk/2000',
      'vm/win-fs1/disk/2000',
    ]);
    expect(jq('[.blocked[].code]', sample)).toEqual(['MP2006', 'MP2001']);
  });
});
