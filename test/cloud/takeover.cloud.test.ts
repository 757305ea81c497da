import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type RealTarget, realTarget } from '../../lab/harness/parts/real-target.js';
import { until } from '../../lab/harness/until.js';
import { expectCopied, said } from '../e2e/steps.js';
import { TwoMachines } from '../e2e/two-machines.js';

// What one machine began and did not finish, into a real cloud, another one with an empty folder does.
let machines: TwoMachines<RealTarget>;
beforeAll(async () => {
  machines = await TwoMachines.open(realTarget(), ['seed', 'committing']);
});
afterEach(() => machines.clear());
afterAll(() => machines[Symbol.asyncDispose]());

test('a seed that was killed on one machine is finished by another one: same bytes, and nothing is left', async () => {
  const { bench, second } = machines;
  await machines.declared('seed', 'phase: seed');
  const { cloud } = bench.target;
  const running = await machines.copyingThere();
  const { id } = await cloud.volumeNamed('seed-2000');
  await until('bytes to be written', () => cloud.isBeingWritten(id));
  await machines.dies(running);
  expect(await machines.takesOver('seed')).toContain('the former writer of disk 2000 was cut off by the storage');
  await expectCopied(bench, 'seed', 2000);
  expect(said(await machines.on(second, ['apply', '--auto-approve']))).toContain('No changes');
});

test('so is a cutover that was killed while its conversion was merged', async () => {
  const { bench } = machines;
  await machines.declared('committing', 'phase: cutover\ncutover: true');
  await machines.dies(await machines.heldThere('committing'));
  await machines.goesOn('committing');
  expect(await machines.takesOver('committing')).toContain('MP2017');
  expect((await bench.target.cloud.volumeNamed('committing-2000')).metadata['converted']).toBe('true');
});
