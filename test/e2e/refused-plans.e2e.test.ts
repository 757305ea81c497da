import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { effects, forgetCalls } from '../../lab/harness/effects.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import type { PlanFile } from '../../src/plan/file/plan-file.js';
import { rewritePlan, savedPlan } from './saved-plan.js';
import { expectCopied, guestWrites, manifestOf, migplan, said, seeded } from './steps.js';

// A saved plan is applied as it was reviewed, or not at all: exit 4, the fact that changed by name, and no call that writes.
let bench: Bench;
let project: LabProject;
const sync = (vm: string): string => manifestOf(vm, 'phase: sync');

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter([{ name: 'vm' }, { name: 'reset' }, { name: 'grown' }, { name: 'raced' }]),
    target: simulatedCloud({
      projects: [
        { name: 'demo', quota: { volumes: 100 } },
        { name: 'other', quota: { volumes: 100 } },
      ],
      otherRegions: ['RegionTwo'],
    }),
  });
  project = await bench.project('p');
  await seeded(bench, project, 'vm', 'reset', 'grown', 'raced');
  for (const vm of ['reset', 'grown', 'raced']) await project.removeManifest(vm);
  await project.manifest('vm', sync('vm'));
  await migplan(project, ['plan', '--out', 'plan.json']);
});

beforeEach(() => forgetCalls(bench));
afterEach(async () => expect(await bench.leftovers()).toEqual([]));
afterAll(() => bench[Symbol.asyncDispose]());

async function expectRefused(args: readonly string[], exit: number, ...texts: readonly string[]): Promise<void> {
  const told = said(await migplan(project, args, { exit }));
  for (const text of texts) expect(told).toContain(text);
  expect(await effects(bench)).toEqual([]);
}

describe('the file', () => {
  test('two plans of the same world are the same but for the volatile block', async () => {
    await migplan(project, ['plan', '--out', 'twin.json']);
    const { plan, digest, timestamp: _, ...rest } = await savedPlan(project, 'plan.json');
    const { plan: twinPlan, digest: twinDigest, timestamp: __, ...twinRest } = await savedPlan(project, 'twin.json');
    expect(twinRest).toEqual(rest);
    expect(twinPlan).toMatchObject({ applyable: plan.applyable, irreversible: plan.irreversible, complete: plan.complete });
    expect([twinPlan.id, twinDigest]).not.toEqual([plan.id, digest]);
  });

  test('is refused when it was altered', async () => {
    const text = await readFile(join(project.folder, 'plan.json'), 'utf8');
    await writeFile(join(project.folder, 'altered.json'), text.replace(/"blocks": \d+/, '"blocks": 1'));
    await expectRefused(['apply', 'altered.json'], 4, 'Plan file was altered [MP3002]');
  });

  test('is refused when it says one thing and does another, though its digest fits', async () => {
    await rewritePlan(project, { from: 'plan.json', to: 'forged.json' }, (plan) => ({ ...plan, summary: ['nothing to see'] }));
    await expectRefused(['apply', 'forged.json'], 4, 'Plan file was altered [MP3002]', 'summary');
  });

  test('is refused when it has expired', async () => {
    await rewritePlan(project, { from: 'plan.json', to: 'expired.json' }, (plan) => ({
      ...plan,
      plan: { ...plan.plan, expires_at: '2026-01-01T00:00:00.000Z' },
    }));
    await expectRefused(['apply', 'expired.json'], 4, 'Saved plan has expired [MP3004]', '2026-01-01');
  });

  test.each<[string, string, (plan: PlanFile) => unknown, string]>([
    ['says of no cloud what it is for', 'MP3002', (plan) => ({ ...plan, targets: [] }), '"targets" do not say what it is for'],
    [
      'expires at no time',
      'MP3015',
      (plan) => ({ ...plan, plan: { ...plan.plan, expires_at: 'soon' } }),
      'plan/expires_at must match pattern',
    ],
    ['says it is of another kind', 'MP3015', (plan) => ({ ...plan, kind: 'Plan' }), 'its kind must be equal to constant'],
  ])('is refused when it %s, though its digest fits', async (_name, code, change, why) => {
    await rewritePlan(project, { from: 'plan.json', to: 'forged.json' }, change as (plan: PlanFile) => PlanFile);
    await expectRefused(['apply', 'forged.json'], 4, `[${code}]`, why);
  });

  test('is an error when it is none', async () => {
    await writeFile(join(project.folder, 'notes.json'), '{"hello": "world"}');
    await expectRefused(['apply', 'notes.json'], 1, 'Not a migplan plan file [MP3001]');
    await expectRefused(['apply', 'missing.json'], 1, 'there is no file ', '/missing.json\n', 'look at its name');
  });
});

describe('the inputs', () => {
  test('is refused when a manifest changed, naming the file', async () => {
    await project.manifest('vm', `${sync('vm')}\nverify: full`);
    await expectRefused(['apply', 'plan.json'], 4, 'Manifests changed since the plan was made [MP3006]', 'manifests/vm.yaml');
    await project.manifest('vm', sync('vm'));
  });

  test('is refused with credentials that lead to another project of the cloud', async () => {
    await project.edit('clouds.yaml', (text) => text.replace('project_name: demo', 'project_name: other'));
    await expectRefused(['apply', 'plan.json'], 4, 'Saved plan is for another cloud [MP3005]', 'rhoso-prod');
    await project.edit('clouds.yaml', (text) => text.replace('project_name: other', 'project_name: demo'));
  });
});

describe('the region', () => {
  test('is refused with a cloud of another region, though the project is the same', async () => {
    await project.edit('clouds.yaml', (text) => text.replace('RegionOne', 'RegionTwo'));
    await expectRefused(
      ['apply', 'plan.json'],
      4,
      'Saved plan is for another cloud [MP3005]',
      'region: "RegionOne" -> "RegionTwo"',
    );
    await project.edit('clouds.yaml', (text) => text.replace('RegionTwo', 'RegionOne'));
  });
});

describe('the world', () => {
  /** A plan for one VM that was seeded before. */
  async function plan(vm: string): Promise<string> {
    for (const other of ['vm', 'reset', 'grown', 'raced']) await project.removeManifest(other);
    await project.manifest(vm, sync(vm));
    await migplan(project, ['plan', '--out', `${vm}.json`]);
    await forgetCalls(bench);
    return `${vm}.json`;
  }

  test('is refused when changed block tracking was reset, and nothing is copied', async () => {
    const saved = await plan('reset');
    await bench.source.control.resetCbt({ vm: 'reset' });
    await expectRefused(['apply', saved], 4, 'Saved plan is stale [MP3003]', 'disk/2000.epoch: "');
    await expectRefused(['plan', '--fail-on', 'blocked'], 1, 'Changed block tracking was reset [MP2006]');
  });

  test('is refused when a disk was extended', async () => {
    const saved = await plan('grown');
    await bench.source.control.extendDisk({ vm: 'grown', capacityBytes: 16 * 2 ** 20 });
    await expectRefused(['apply', saved], 4, 'Saved plan is stale [MP3003]', 'disk/2000.capacity: "8388608" -> "16777216"');
    await expectRefused(['plan', '--fail-on', 'blocked'], 1, 'Disk was resized [MP2007]');
  });

  test('is refused when another run synced meanwhile, or the volume is gone, naming what changed', async () => {
    const saved = await plan('raced');
    await guestWrites(bench, 'raced', 4);
    await migplan(project, ['apply', '--auto-approve']);
    await expectCopied(bench, 'raced', 2000);
    await forgetCalls(bench);
    await expectRefused(['apply', saved], 4, 'Saved plan is stale [MP3003]', 'disk/2000.record: "clean at ');
    await bench.target.control.deleteVolume((await bench.target.control.volumeNamed('raced-2000')).id);
    await expectRefused(['apply', saved], 4, 'Saved plan is stale [MP3003]', 'disk/2000.volume: "', '-> "none"');
  });
});
