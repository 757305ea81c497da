import { afterAll, beforeAll, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { effects, forgetCalls } from '../../lab/harness/effects.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { expectCopied, guestWrites, manifestOf, migplan, said, seeded } from './steps.js';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter(['reverted', 'late'].map((name) => ({ name, disksMiB: [8] }))),
    target: simulatedCloud(),
  });
});
afterAll(() => bench[Symbol.asyncDispose]());

const blockedPlan = async (project: LabProject): Promise<string> =>
  said(await migplan(project, ['plan', '--fail-on', 'blocked'], { exit: 1 }));

test('a VM that was reverted to the very snapshot that was current is refused every night, until it is reseeded', async () => {
  const { control } = bench.source;
  const vm = 'reverted';
  const project = await bench.project(vm);
  await seeded(bench, project, vm);
  const { moref } = await control.createForeignSnapshot({ vm, name: 'before upgrade' });
  await guestWrites(bench, vm, 1);
  await project.manifest(vm, manifestOf(vm, 'phase: sync'));
  expect(said(await migplan(project, ['apply', '--auto-approve']))).toContain('MP2046');
  await expectCopied(bench, vm, 2000);

  await migplan(project, ['plan', '--out', 'plan.json']);
  await guestWrites(bench, vm, 2);
  await control.revertToSnapshot({ snapshot: moref });
  await control.advanceClock({ minutes: 1 });
  await control.setPower({ vm, power: 'poweredOn' });
  await guestWrites(bench, vm, 3);
  const before = await bench.target.control.volumeNamed(`${vm}-2000`);
  // Backups make the numbers of tracking climb past the base.
  for (let night = 1; night <= 3; night++) {
    const backup = await control.createForeignSnapshot({ vm, name: 'backup' });
    await control.removeForeignSnapshot({ snapshot: backup.moref });
    await forgetCalls(bench);
    expect(await blockedPlan(project), `night ${night}`).toContain('Source VM was reverted to a snapshot [MP2028]');
    expect(await effects(bench)).toEqual([]);
  }
  expect(await bench.target.control.volumeNamed(`${vm}-2000`)).toEqual(before);

  await project.manifest(vm, manifestOf(vm, 'phase: sync\nreseed: once'));
  await migplan(project, ['apply', '--auto-approve']);
  await expectCopied(bench, vm, 2000);

  // Compared instead of copied: of the whole disk only the one block is written where the guest wrote meanwhile.
  await control.guestWrite({ vm, diskKey: 2000, offset: 3 * 2 ** 20 + 512, length: 512, fill: { seed: 5 } });
  await project.manifest(vm, manifestOf(vm, 'phase: sync\nreseed: compare'));
  expect(said(await migplan(project, ['apply', '--auto-approve']))).toMatch(
    /2000: 64\.0 KiB repaired, \d\.\d MiB compared after/,
  );
  await expectCopied(bench, vm, 2000);
});

test('tracking that somebody switched on upon a snapshot is refused for a seed, before it is active and after', async () => {
  const { control } = bench.source;
  const vm = 'late';
  const project = await bench.project(vm);
  await project.manifest(vm, manifestOf(vm, 'phase: seed'));
  await control.setVm({ vm, isCbtWanted: false });
  await control.createForeignSnapshot({ vm, name: 'before upgrade' });
  await control.setVm({ vm, isCbtWanted: true });
  expect((await control.vm({ vm })).disks[0]!.changeId).toBeUndefined();
  expect(await blockedPlan(project)).toContain('[MP2044]');
  const backup = await control.createForeignSnapshot({ vm, name: 'backup' });
  await control.removeForeignSnapshot({ snapshot: backup.moref });
  expect((await control.vm({ vm })).disks[0]!.changeId).toBeDefined();
  expect(await blockedPlan(project)).toContain('was switched on while snapshot "before upgrade"');
});
