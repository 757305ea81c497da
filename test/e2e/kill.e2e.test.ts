import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { startCli } from '../../lab/harness/cli.js';
import { type KillMoment, killAt, killMoments, measure, Pace, type Timing } from '../../lab/harness/kill-moments.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { leftHere } from '../../lab/harness/leftovers.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { until } from '../../lab/harness/until.js';
import { savedPlan } from './saved-plan.js';
import { expectCopied, manifestOf, migplan, said } from './steps.js';

/**
 * One plan over several VMs, applied one VM after the other and killed again and again with SIGKILL; each run after a kill is
 * the same plan once more, and is the next to be killed. So every run finds what another left at any point of its work, some
 * VMs are hit several times, and the guests go on writing in between. After each kill no volume may claim what it does not
 * hold; in the end every volume equals the snapshot it names and nothing is left anywhere.
 */
const KILLS = 12;
/** On a machine that got faster meanwhile all may be done before the last one. */
const KILLS_MIN = 10;
/** Most VMs may still be to do when the last kill is over, each with its delayed reads. */
const COMPLETE_MS = 400_000;
const VMS = ['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7', 'k8'] as const;

let bench: Bench;
let project: LabProject;

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter([
      { name: 'reference', disksMiB: [8] },
      ...VMS.map((name) => ({ name, disksMiB: name === 'k1' ? [8, 4] : [8] })),
    ]),
    target: simulatedCloud(),
  });
  project = await bench.project('kill', { limits: '{transfers: 2, batch: 2MiB}' });
  // Stretches copying, so that most of the moments fall into it.
  await bench.source.control.setVddk({ readDelayMs: 40 });
});

afterAll(() => bench[Symbol.asyncDispose]());

const disksOf = (vm: string): number[] => (vm === 'k1' ? [2000, 2001] : [2000]);

/**
 * Whoever says clean must be: compared with the snapshot it names. Whoever is being written says dirty, and from where: that is what it was
 * clean at last, also where a VM that was killed before anybody noted that it was done is synced once more (a sync is always due here). A seed
 * is not made again.
 */
async function expectHonest(bases: Map<string, string>): Promise<void> {
  for (const { name, metadata } of await bench.target.control.volumes()) {
    const [vm = '', disk = ''] = name.split('-');
    if (vm === 'reference') continue;
    if (metadata['migplan']?.includes('s=clean')) {
      await expectCopied(bench, vm, Number(disk));
      if (bases.has(name)) bases.set(name, metadata['changeID']!);
    } else
      expect(metadata, `${name} ${metadata['migplan']}`).toMatchObject({ changeID: bases.get(name) ?? '', converted: 'false' });
  }
}

/** The guest writes new data, and zeroes over old, here and there; in whole blocks, so that requests stay few. */
async function guestGoesOn(vm: string, round: number): Promise<void> {
  const { control } = bench.source;
  await control.guestWrite({ vm, offset: ((round * 37) % 128) * 65_536, length: 65_536, fill: { seed: round + 1 } });
  await control.guestWrite({ vm, offset: ((round * 53 + 11) % 128) * 65_536, length: 65_536, fill: { zero: true } });
}

interface Wave {
  readonly plan: string;
  readonly moments: readonly KillMoment[];
  readonly timing: Timing;
  /** Volume name to its changeID before the wave, and whenever it is found clean. Empty: nothing was there. */
  readonly bases: Map<string, string>;
}

/** `clean 3` in its third cycle, `dirty 4`, or `dirty 4 at 3145728` when so many bytes are done. */
function stateOf(record = ''): string {
  const part = (pattern: RegExp): string => pattern.exec(record)?.[1] ?? '';
  const upTo = part(/p=(\d+)/);
  return `${part(/s=(\w+)/)} ${part(/ n=(\d+)/)}${upTo === '' ? '' : ` at ${upTo}`}`;
}

/** Returns in what states the kills found the volumes. */
async function killAgainAndAgain({ plan, moments, timing, bases }: Wave): Promise<string[][]> {
  const found: string[][] = [];
  const pace = new Pace();
  const args = ['apply', plan, '--parallelism', '1'];
  for (const [index, moment] of moments.entries()) {
    const result = await killAt(moment, { project, args, timing: pace.apply(timing) });
    if (result.signal !== 'SIGKILL') {
      expect(index, `the plan was done after ${index} kills:\n${said(result)}`).toBeGreaterThanOrEqual(KILLS_MIN);
      break;
    }
    await until('what the killed run started to end', async () =>
      (await leftHere(project)).every((left) => !left.startsWith('process')),
    );
    await expectHonest(bases);
    const volumes = await bench.target.control.volumes();
    const states = volumes.map(({ name, metadata }) => `${name} ${stateOf(metadata['migplan'])}`);
    pace.learn(moment, states.filter((state) => found.at(-1)?.includes(state) !== true).length);
    found.push(states);
    for (const vm of VMS) await guestGoesOn(vm, index);
  }
  return found;
}

/** Else the moments were badly chosen, and little was proven: kills in the middle of copies, and VMs that got done. */
function expectVariety(found: readonly string[][]): void {
  const different = new Set(found.map((states) => states.join()));
  expect(different.size, `found ${[...different].join('\n')}`).toBeGreaterThan(KILLS / 3);
  expect([...different].filter((states) => states.includes('dirty')).length).toBeGreaterThan(2);
}

/** Makes these the only migrations of the project. */
async function only(vms: string | readonly string[], phase: string): Promise<void> {
  for (const vm of ['reference', ...VMS]) await project.removeManifest(vm);
  for (const vm of [vms].flat()) await project.manifest(vm, manifestOf(vm, `phase: ${phase}`));
}

/** To the end, with one more kill right before it: when all is done and the program is about to say so. */
async function expectDone(plan: string): Promise<void> {
  const { plan: saved } = await savedPlan(project, plan);
  const progress = join(project.folder, '.migplan/plans', `${saved.id}.json`);
  const last = startCli(project, ['apply', plan, '--parallelism', '1']);
  const isComplete = async (): Promise<boolean> => (await readFile(progress, 'utf8')).includes('"completedAt"');
  const isOver = async (): Promise<boolean> => last.child.exitCode !== null || (await isComplete());
  await until('the plan to be complete', isOver, COMPLETE_MS);
  const complete = await isComplete();
  last.child.kill('SIGKILL');
  const ended = await last.finished;
  expect(complete, said(ended)).toBe(true);
  expect(said(await migplan(project, ['apply', plan]))).toContain('already applied');
  for (const vm of VMS) await expectCopied(bench, vm, ...disksOf(vm));
  // A run with nothing to do takes nothing and puts only dead locks away; the next one that works does the rest.
  expect((await bench.leftovers()).filter((left) => !left.startsWith('run folder'))).toEqual([]);
  await only('reference', 'sync');
  await migplan(project, ['apply', '--auto-approve']);
  expect(await bench.leftovers()).toEqual([]);
}

test(`a seed survives kill -9 at ${KILLS} moments`, async () => {
  await only('reference', 'seed');
  const { timing, result } = await measure(project, ['apply', '--auto-approve']);
  expect(result.code, said(result)).toBe(0);
  await only(VMS, 'seed');
  await migplan(project, ['plan', '--out', 'seed.json']);
  const states = await killAgainAndAgain({ plan: 'seed.json', moments: killMoments(1, KILLS), timing, bases: new Map() });
  expectVariety(states);
  await expectDone('seed.json');
});

test(`a delta survives kill -9 at ${KILLS} moments`, async () => {
  for (const vm of ['reference', ...VMS]) {
    await bench.source.control.guestWrite({ vm, offset: 0, length: 8 * 2 ** 20, fill: { seed: 77 } });
  }
  await only('reference', 'sync');
  const { timing, result } = await measure(project, ['apply', '--auto-approve']);
  expect(result.code, said(result)).toBe(0);
  await only(VMS, 'sync');
  await migplan(project, ['plan', '--out', 'sync.json']);
  const volumes = await bench.target.control.volumes();
  const bases = new Map(volumes.map(({ name, metadata }) => [name, metadata['changeID']!]));
  const states = await killAgainAndAgain({ plan: 'sync.json', moments: killMoments(2, KILLS), timing, bases });
  expectVariety(states);
  await expectDone('sync.json');
});
