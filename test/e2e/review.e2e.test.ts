import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { effects, forgetCalls } from '../../lab/harness/effects.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { savedPlan } from './saved-plan.js';
import { asConverted, expectCopied, guestWrites, isOn, manifestOf, migplan, said, seeded } from './steps.js';

// A nightly run of a repository in which somebody has written a cutover: the others are synchronised, and the cutover waits.
let bench: Bench;
let project: LabProject;

beforeAll(async () => {
  bench = await Bench.open({ source: vcenter([{ name: 'app' }, { name: 'cut' }, { name: 'web' }]), target: simulatedCloud() });
  project = await bench.project('p');
  await seeded(bench, project, 'app', 'cut', 'web');
  for (const vm of ['app', 'web']) await project.manifest(vm, manifestOf(vm, 'phase: sync'));
  await project.manifest('cut', manifestOf('cut', 'phase: cutover'));
});
afterEach(async () => expect(await bench.leftovers()).toEqual([]));
afterAll(() => bench[Symbol.asyncDispose]());

describe('a cutover beside syncs', () => {
  test('does not stop them: they are done, it is left alone and told, exit 6', async () => {
    await guestWrites(bench, 'app', 1);
    const told = said(await migplan(project, ['apply', '-auto-approve', '-input=false', '-exclude=vm/web'], { exit: 6 }));
    expect(told).toContain('Apply incomplete: 1 done, 1 not approved.');
    expect(told).toMatch(/not approved +vm\/cut/);
    expect(told).toContain('cut would be powered off and converted, which cannot be undone; it was left alone');
    await expectCopied(bench, 'app', 2000);
    expect(await isOn(bench, 'cut')).toBe(true);
    const advised = 'to do it as well:  migplan apply --auto-approve --no-input --exclude=vm/web --allow-cutover\n';
    expect(told).toContain(advised);
    expect(told.replace(advised, '')).not.toContain('vm/web');
  });

  test('alone, it is left as well: nothing is done, exit 6', async () => {
    await forgetCalls(bench);
    const told = said(await migplan(project, ['apply', '--auto-approve', '--phase', 'cutover'], { exit: 6 }));
    expect(told).toContain('[MP3008]');
    expect(told).toContain('Apply incomplete: 1 not approved.');
    // With its selection: without it, every other cutover of the repository would be done as well.
    expect(told).toContain('to do it as well:  migplan apply --auto-approve --phase cutover --allow-cutover\n');
    expect(told).not.toContain('Nothing to do');
    expect(await effects(bench)).toEqual([]);
  });

  test('a plan of a phase keeps what it was made of, and is applied to that', async () => {
    await guestWrites(bench, 'web', 2);
    await migplan(project, ['plan', '-out=night.json', '--phase', 'sync', '--target', 'web', '-detailed-exitcode'], { exit: 2 });
    const { inputs, migrations, plan } = await savedPlan(project, 'night.json');
    expect(inputs.selected).toEqual(['phase=sync', 'web']);
    expect(migrations.map(({ address }) => address)).toEqual(['vm/web']);
    expect(plan.complete).toBe(false);
    await migplan(project, ['apply', 'night.json']);
    await expectCopied(bench, 'web', 2000);
  });
});

describe('a sync that just ran', () => {
  test('is up to date for this machine and for another, by default; a schedule of its own says otherwise', async () => {
    await project.edit('migplan.yaml', (text) => text.replace('    sync: {maxAge: 0s}\n', ''));
    const night = ['--target', 'vm/app', '--detailed-exitcode'];
    await guestWrites(bench, 'app', 4);
    await project.edit('manifests/app.yaml', (text) => `${text}  sync: {maxAge: 0s}\n`);
    await migplan(project, ['apply', '--auto-approve', '--target', 'vm/app']);
    await migplan(project, ['plan', ...night], { exit: 2 });
    await project.edit('manifests/app.yaml', (text) => text.replace('  sync: {maxAge: 0s}\n', ''));
    for (const env of [{}, { MIGPLAN_DATA_DIR: `${project.folder}.elsewhere` }]) {
      const told = said(await migplan(project, ['plan', ...night], { env }));
      expect(told).toMatch(/vm\/app: Up to date: synced at .* UTC, due again at .* UTC \(sync\.maxAge 5m 0s\)/);
    }
  });
});

describe('what is not as declared', () => {
  const drift = async (exit: number): Promise<string> => said(await migplan(project, ['drift', '-detailed-exitcode'], { exit }));

  test('nothing, of VMs that are synchronised: what they wrote meanwhile is no drift', async () => {
    await guestWrites(bench, 'app', 3);
    await forgetCalls(bench);
    expect(await drift(0)).toContain('No drift. 3 VMs are as declared, and as their last apply left them.');
    expect(await effects(bench)).toEqual([]);
  });

  test('a machine type that somebody changes on a VM that was cut over', async () => {
    await asConverted(bench, 'cut');
    const { id } = await bench.target.control.volumeNamed('cut-2000');
    await bench.target.control.changeVolume(id, { imageMetadata: { hw_machine_type: 'q35', os_type: 'linux' } });
    const told = await drift(2);
    expect(told).toContain('1 of 3 VMs is not as declared.');
    expect(told).toContain('# vm/cut is not as declared');
    expect(told).toContain('[MP2081]');
    // It was cut over from another machine, whose state folder is not here.
    expect(told).toMatch(
      /vm\/cut: the last apply was not recorded in this state folder; .* run othermachine, as the volumes tell/,
    );
  });
});
