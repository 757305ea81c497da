import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { RunningCli } from '../../lab/harness/cli.js';
import { type SimulatedCloud, simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { until } from '../../lab/harness/until.js';
import { newestMadeOn } from './listed-run.js';
import { expectCopied, guestWrites, said } from './steps.js';
import { HOST, TwoMachines } from './two-machines.js';

const COMPARED = 'disk 2000 is compared as a whole before it counts as clean';
const cutover = 'phase: cutover\ncutover: true';
let machines: TwoMachines<SimulatedCloud>;
beforeAll(async () => {
  machines = await TwoMachines.open(simulatedCloud(), [
    ...['seed', 'delta', 'hang', 'apart', 'conversion', 'committing', 'comarks-two'],
  ]);
});
afterEach(() => machines.clear());
afterAll(() => machines[Symbol.asyncDispose]());

describe('killed on a machine that does not come back', () => {
  test('in a seed: another one finishes it, and compares all of what a late writer may have touched', async () => {
    const { bench, second } = machines;
    await machines.declared('seed', 'phase: seed');
    await machines.dies(await machines.copyingThere());
    expect(await machines.takesOver('seed')).toContain(COMPARED);
    await expectCopied(bench, 'seed', 2000);
    const dead = newestMadeOn(HOST, await machines.on(second, ['runs', 'list', '--json']));
    expect(dead).toMatchObject({ status: 'unknown', journal: 'elsewhere', vms: [{ address: 'vm/seed' }] });
    expect(said(await machines.on(second, ['runs', 'show', dead!.run], { exit: 1 }))).toContain(`was made on ${HOST}`);
    expect(said(await machines.on(second, ['apply', '--auto-approve']))).toContain('No changes');
  });

  test('in a delta', async () => {
    const { bench } = machines;
    await machines.declared('delta', 'phase: seed');
    await machines.applyThere();
    await guestWrites(bench, 'delta', 7);
    await bench.source.control.guestWrite({ vm: 'delta', offset: 0, length: 4 * 2 ** 20, fill: { seed: 9 } });
    await machines.declared('delta', 'phase: sync');
    await machines.dies(await machines.copyingThere());
    await guestWrites(bench, 'delta', 8);
    expect(await machines.takesOver('delta')).toContain(COMPARED);
    await expectCopied(bench, 'delta', 2000);
  });

  test.each([
    ['in a conversion: its overlay was on its own disk, and is made anew', 'conversion'],
    ['in the merging: what it wrote is brought back to the source by comparison, as the plan shows', 'committing'],
  ] as const)('%s', async (_what, held) => {
    const { bench } = machines;
    await machines.declared(held, cutover);
    await machines.dies(await machines.heldThere(held));
    await machines.goesOn(held);
    const told = await machines.takesOver(held);
    if (held === 'committing') expect(told).toContain('MP2017');
    expect((await bench.target.control.volumeNamed(`${held}-2000`)).metadata['converted']).toBe('true');
    expect((await bench.source.control.vm({ vm: held })).power).toBe('poweredOff');
  });

  test('between the marks of two disks: both are merged, so the other one marks the second, and that is all', async () => {
    const { bench } = machines;
    const { control } = bench.target;
    const vm = 'comarks-two';
    const recordOf = async (disk: number) => (await control.volumeNamed(`${vm}-${disk}`)).metadata['migplan'];
    await machines.declared(vm, cutover);
    const running = await machines.heldThere('committing');
    const { id } = await control.volumeNamed(`${vm}-2001`);
    await control.addFault({ method: 'POST', path: `/volumes/${id}/metadata$`, times: 1, do: { delayMs: 600_000 } });
    await machines.goesOn('committing');
    await until('the first disk to be marked', async () => (await recordOf(2000))?.includes('s=converted') === true);
    await machines.dies(running);
    expect(await recordOf(2001)).toContain('s=committing');
    const told = await machines.takesOver(vm);
    expect(told).toContain(`vm/${vm}: Marking the disks of a merged guest as converted`);
    expect(told).not.toMatch(/MP2017|Syncing|Converting|Completing/);
    for (const disk of [2000, 2001]) expect(await recordOf(disk)).toContain('s=converted');
    expect(said(await machines.on(machines.second, ['apply', '--auto-approve', '--allow-cutover']))).toContain('No changes');
  });
});

test.each([
  [
    'that hangs and wakes up',
    'hang',
    (running: RunningCli) => running.child.kill('SIGSTOP'),
    (running: RunningCli) => running.child.kill('SIGCONT'),
  ],
  [
    'that is cut off from all networks and is back',
    'apart',
    (running: RunningCli) => machines.cutOff(running),
    (running: RunningCli) => machines.backOn(running),
  ],
])('a machine %s after another one took over writes nothing that counts', async (_what, vm, goes, comesBack) => {
  const { bench } = machines;
  await machines.declared(vm, 'phase: seed');
  const running = await machines.copyingThere();
  await goes(running);
  await until('its writers to be ended', async () => (await bench.source.control.stats()).readersNow === 0);
  await bench.source.control.setVddk({});
  await guestWrites(bench, vm, 3);
  await machines.takesOver(vm);
  await expectCopied(bench, vm, 2000);
  const volume = async () => (await bench.target.control.volumeNamed(`${vm}-2000`)).metadata;
  const record = await volume();
  await comesBack(running);
  const ended = await running.finished;
  expect(ended.code, said(ended)).toBe(6);
  expect(said(ended)).toMatch(/MP303[27]/);
  expect(await volume()).toEqual(record);
  await expectCopied(bench, vm, 2000);
});
