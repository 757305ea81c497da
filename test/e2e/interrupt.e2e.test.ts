import { cp, open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { startCli } from '../../lab/harness/cli.js';
import { leftHere } from '../../lab/harness/leftovers.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { Screen } from '../../lab/harness/screen.js';
import { startInTerminal } from '../../lab/harness/terminal.js';
import { until } from '../../lab/harness/until.js';
import { copying, expectCopied, manifestOf, migplan, plannedSlowSeed, said } from './steps.js';

// What somebody at the keyboard, a CI job that is stopped, or a colleague on the same machine does to a run.
let bench: Bench;

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter([
      { name: 'ctrl-c', disksMiB: [16] },
      { name: 'term', disksMiB: [16] },
      { name: 'window', disksMiB: [16] },
      { name: 'narrow', disksMiB: [16] },
      { name: 'full', disksMiB: [16] },
      { name: 'shared', disksMiB: [16] },
      { name: 'read', disksMiB: [8, 4] },
    ]),
    target: simulatedCloud(),
  });
});

afterEach(async () => {
  await bench.source.control.setVddk({});
  expect(await bench.leftovers()).toEqual([]);
});

afterAll(() => bench[Symbol.asyncDispose]());

describe.each([
  { signal: 'SIGINT', vm: 'ctrl-c', code: 130 },
  { signal: 'SIGTERM', vm: 'term', code: 143 },
] as const)('$signal in the middle of a copy', ({ signal, vm, code }) => {
  test(`ends with ${code} and gives snapshot, attachment and lock back; the same plan goes on`, async () => {
    const project = await plannedSlowSeed(bench, vm);
    const run = startCli(project, ['apply', 'plan.json']);
    await copying(bench);
    run.child.kill(signal);
    const ended = await run.finished;
    expect(ended.code, said(ended)).toBe(code);
    expect(said(ended)).toContain('Interrupt received.');
    expect(said(ended)).toContain('migplan apply plan.json');
    expect(said(ended)).not.toContain('    at ');
    expect(await bench.leftovers()).toEqual([]);
    expect((await bench.target.control.volumeNamed(`${vm}-2000`)).metadata).toMatchObject({
      changeID: '',
      converted: 'false',
    });

    await bench.source.control.setVddk({});
    await migplan(project, ['apply', 'plan.json']);
    await expectCopied(bench, vm, 2000);
  });
});

test('Ctrl-C at a narrow terminal leaves whole lines behind, and none of those that were rewritten', async () => {
  const project = await plannedSlowSeed(bench, 'narrow');
  const run = startInTerminal(project, ['apply', 'plan.json'], 60);
  await until('a line that is rewritten', async () => run.told().includes('\u001b[0J'));
  run.type('\u0003');
  expect(await run.finished, run.told()).toBe(130);
  const screen = new Screen(60);
  screen.write(run.told());
  const lines = screen.shown();
  expect(lines.filter((line) => line.includes('disk/2000') && line.includes('%'))).toEqual([]);
  expect(lines).toContain('Interrupt received.');
  expect(lines.join('\n')).toMatch(/^Apply interrupted: 1 interrupted\.$/m);
  await bench.source.control.setVddk({});
});

test('a terminal that goes away in the middle of a copy: 129, and snapshot, attachment and lock are given back', async () => {
  const project = await plannedSlowSeed(bench, 'window');
  const run = startInTerminal(project, ['apply', 'plan.json']);
  await copying(bench);
  run.hangUp();
  expect(await run.finished, run.told()).toBe(129);
  expect(run.told()).not.toContain('    at ');
  expect(await bench.leftovers()).toEqual([]);
  await bench.source.control.setVddk({});
  await migplan(project, ['apply', 'plan.json']);
  await expectCopied(bench, 'window', 2000);
});

test('output on a full disk does not end the copy; the exit code says that nobody was told', async () => {
  const project = await plannedSlowSeed(bench, 'full');
  await bench.source.control.setVddk({});
  const full = await open('/dev/full', 'w');
  try {
    const run = startCli(project, ['apply', 'plan.json'], { output: full.fd });
    const { code, signal } = await run.finished;
    expect({ code, signal }).toEqual({ code: 1, signal: null });
  } finally {
    await full.close();
  }
  expect(await bench.leftovers()).toEqual([]);
  await expectCopied(bench, 'full', 2000);
});

test('a second Ctrl-C ends at once; what is left is removed by the next run', async () => {
  const project = bench.projects.find(({ folder }) => folder.endsWith('/term'))!;
  await bench.source.control.guestWrite({ vm: 'term', offset: 0, length: 16 * 2 ** 20, fill: { seed: 3 } });
  await project.manifest('term', manifestOf('term', 'phase: sync'));
  await migplan(project, ['plan', '--out', 'plan.json']);
  await bench.source.control.setVddk({ readDelayMs: 300 });
  await bench.source.control.addFault({ method: 'RemoveSnapshot_Task', do: { delayMs: 120_000 }, times: 'always' });
  const run = startCli(project, ['apply', 'plan.json']);
  await copying(bench);
  run.child.kill('SIGINT');
  await until('the first one to be noticed', async () => run.told().includes('Interrupt received.'));
  run.child.kill('SIGINT');
  const ended = await run.finished;
  expect(ended.code, said(ended)).toBe(130);
  // The first alone would have waited until the snapshot was gone.
  expect((await bench.source.control.stats()).snapshotsNow).toBe(1);

  await bench.source.control.clearFaults();
  await bench.source.control.setVddk({});
  await migplan(project, ['apply', 'plan.json']);
  await expectCopied(bench, 'term', 2000);
});

test('a second runner is told who works and touches nothing', async () => {
  const project = await plannedSlowSeed(bench, 'shared');
  const before = await bench.source.control.stats();
  const first = startCli(project, ['apply', 'plan.json']);
  await copying(bench);
  // However long the others take, it is in the middle of its copy.
  first.child.kill('SIGSTOP');
  const second = await migplan(project, ['apply', 'plan.json'], { exit: 5 });
  expect(said(second)).toContain('Lock is held by another run [MP3009]');
  expect(said(second)).toContain(`pid ${first.child.pid} on `);
  const reading = await migplan(project, ['doctor', '--vm', 'shared'], { exit: 5 });
  expect(reading.stdout).toMatch(/^FAIL +vm\/shared: snapshot +MP3009\n[\s\S]*held by .* apply /m);
  // A clone of the project elsewhere knows nothing of that lock; the volume itself is held.
  const clone = await bench.project('clone');
  await clone.manifest('shared', manifestOf('shared', 'phase: seed'));
  const refused = await migplan(clone, ['plan', '--fail-on', 'blocked'], { exit: 1 });
  expect(said(refused)).toMatch(/Volume is in use \[MP2014\]/);
  // Nor does a copy of its state folder, without the lock, prove that the first one is dead: nothing of it is given back.
  await cp(join(project.folder, '.migplan'), join(clone.folder, '.migplan'), {
    recursive: true,
    filter: (path) => !path.endsWith('.lock'),
  });
  const copied = await migplan(clone, ['plan', '--fail-on', 'blocked'], { exit: 1 });
  expect(said(copied)).toMatch(/Volume is in use \[MP2014\]/);
  expect(said(copied)).toContain(`if they are: rm ${join(clone.folder, '.migplan/place.json')}`);

  first.child.kill('SIGCONT');
  await bench.source.control.setVddk({});
  const ended = await first.finished;
  expect(ended.code, said(ended)).toBe(0);
  await expectCopied(bench, 'shared', 2000);
  expect((await bench.source.control.stats()).snapshotsCreated - before.snapshotsCreated).toBe(1);
});

test('doctor --vm: reads every disk; kill -9 leaves a snapshot that the next one removes, Ctrl-C leaves none', async () => {
  const project = await bench.project('read');
  await project.manifest('read', manifestOf('read', 'phase: seed'));
  const { control } = bench.source;
  const snapshotsNow = async () => (await control.stats()).snapshotsNow;
  await control.setVddk({ readDelayMs: 3_000 });
  const stopped = async (signal: NodeJS.Signals) => {
    const run = startCli(project, ['doctor', '--vm', 'read']);
    await copying(bench);
    run.child.kill(signal);
    const ended = await run.finished;
    // Readers outlive their killed parent for a moment, and one may be about to open its disk: the next run is not to wait for that.
    await until('what the run started to end', async () =>
      (await leftHere(project)).every((left) => !left.startsWith('process')),
    );
    return ended;
  };

  const killed = await stopped('SIGKILL');
  expect(killed.stderr).toMatch(/^vm\/read: takes a snapshot of the VM now/m);
  expect(await snapshotsNow()).toBe(1);
  const interrupted = await stopped('SIGINT');
  expect(interrupted.code).toBe(130);
  expect(said(interrupted)).toMatch(/vm\/read: removing snapshot migplan-\S+, which an earlier run has left/);
  expect(said(interrupted)).toContain('Interrupted: the snapshot is removed first.');
  expect(await bench.leftovers()).toEqual([]);

  await control.setVddk({ openError: 'NFC error 5' });
  const failed = await migplan(project, ['doctor', '--vm', 'read'], { exit: 1 });
  expect(failed.stdout).toMatch(/^FAIL +vm\/read: disk 2001 +MP8005/m);
  expect(failed.stdout).toContain('lower limits.transfers of the Project');
  await control.setVddk({});
  const { stdout } = await migplan(project, ['doctor', '--vm', 'read']);
  expect(stdout).toMatch(/^ok +vm\/read: disk 2000 +first and last sector of 8\.0 MiB read in \d+\.\d s$/m);
  expect(stdout).toMatch(/^ok +vm\/read: disk 2001 .*\nok +vm\/read: snapshot +taken, and removed$/m);
});
