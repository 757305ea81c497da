import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Bench } from '../harness/bench.js';
import { type CliResult, type RunningCli, startCli } from '../harness/cli.js';
import type { LabProject } from '../harness/lab-project.js';
import { leftHere } from '../harness/leftovers.js';
import { simulatedCloud } from '../harness/parts/simulated-cloud.js';
import { vcenter } from '../harness/parts/vcenter.js';
import { until } from '../harness/until.js';
import { drawFate, drawSharedFate, type Fate } from './fates.js';
import { type Draw, somethingHappens } from './people.js';
import type { SharedState, StateServer } from './shared-state.js';

const VMS = ['v0', 'v1', 'v2', 'v3'] as const;
/** Whoever takes a VM over waits for a lease first. */
const STEPS = { apart: 7, shared: 4 };
const ROUNDS_MAX = 4;
const PLAIN: Fate = { kind: 'none', told: 'nothing disturbs it', arm: async () => {}, strike: async () => {} };

type Machine = 0 | 1;

export interface StreetOptions {
  readonly counts: Counts;
  readonly states: StateServer;
  /** Rules, by the beginning of their name, that may be broken. */
  readonly passedOver: readonly string[];
}

/** What was counted, by name. */
export type Counts = Record<string, number>;

export class RuleBroken extends Error {
  override readonly name = 'RuleBroken';
}

/**
 * Some VMs in simulators of a vCenter and a cloud, migrated by the real program with real nbdkit and nbdcopy from two machines,
 * which is killed and whose connections are cut. The oracle of the lab compares bytes after each run.
 */
export class Street {
  readonly story: string[] = [];
  /** How long a run takes that ends by itself: the shortest so far. */
  private usualMs = Number.POSITIVE_INFINITY;

  constructor(
    private readonly bench: Bench,
    private readonly machines: readonly LabProject[],
    private readonly draw: Draw,
    private readonly options: StreetOptions,
    /** Absent: each machine has a state of its own. */
    private readonly shared: SharedState | undefined,
  ) {}

  /** One street from its beginning to its end; throws RuleBroken with what happened until then. */
  static async live(draw: Draw, options: StreetOptions): Promise<void> {
    await using bench = await Bench.open({
      source: vcenter(VMS.map((name, index) => ({ name, disksMiB: index === 1 ? [4, 8] : [4] }))),
      target: simulatedCloud(),
    });
    const machines = [
      await bench.project('a', { limits: '{transfers: 2, batch: 1MiB}' }),
      await bench.project('b', { limits: '{transfers: 2, batch: 1MiB}' }),
    ];
    const shared = draw(2) === 0 ? await options.states.open(bench.ports) : undefined;
    for (const machine of machines) await shared?.join(machine);
    const street = new Street(bench, machines, draw, options, shared);
    try {
      await street.begin();
      for (let step = 0; step < STEPS[shared === undefined ? 'apart' : 'shared']; step++) await street.step();
      await street.settle();
    } catch (error) {
      throw new RuleBroken(`${(error as Error).message}\n${street.story.map((line) => `    ${line}`).join('\n')}`, {
        cause: error,
      });
    }
  }

  private async begin(): Promise<void> {
    if (this.shared !== undefined) this.story.push('both machines have one state');
    for (const vm of VMS) await this.write(vm, 'sync');
    await this.run(0, PLAIN);
  }

  private async write(vm: string, phase: string, more = ''): Promise<void> {
    const spec = `source: {vm: /DC1/vm/${vm}}\nphase: ${phase}\nverify: ${['off', 'sample'][this.draw(2)]}\n${more}`;
    for (const machine of this.machines) await machine.manifest(vm, spec);
  }

  private async step(): Promise<void> {
    for (const vm of VMS) {
      this.story.push(`${vm} ${await somethingHappens(this.bench, vm, this.draw)}`);
      this.count('acts');
    }
    if (this.draw(3) === 0) {
      const vm = VMS[this.draw(VMS.length)]!;
      const reseed = ['never', 'once', 'compare'][this.draw(3)];
      this.story.push(`${vm} is to be kept in sync, reseed: ${reseed}`);
      await this.write(vm, 'sync', `reseed: ${reseed}\n`);
    }
    if (this.draw(12) === 0) {
      this.story.push('machine b loses its state');
      await rm(join(this.machines[1]!.folder, '.migplan'), { recursive: true, force: true });
    }
    if (this.shared !== undefined && this.draw(3) !== 0) return this.shareStep(this.shared);
    await this.run(this.draw(4) === 0 ? 1 : 0, drawFate(this.bench, this.draw, this.usualMs));
  }

  /** One machine meets its fate while the other one works on the same. */
  private async shareStep(shared: SharedState): Promise<void> {
    const at: Machine = this.draw(2) === 0 ? 0 : 1;
    const fate = drawSharedFate(shared.server, this.draw, this.usualMs);
    const laterMs = this.draw(Math.round(this.usualMs / 2));
    this.story.push(`apply on machine ${'ab'[at]}; ${fate.told}; and ${laterMs} ms later on the other one`);
    const first = this.start(at);
    const struck = fate.strike(first);
    await sleep(laterMs);
    const second = this.start(other(at));
    const ends = [await this.ended(second, PLAIN)];
    await struck;
    fate.wake?.(first);
    ends.push(await this.ended(first, fate));
    await this.judgeAll(ends);
    if (this.draw(3) === 0) await this.forceUnlock(shared, other(at));
  }

  /** Who holds a lock between two steps is dead. */
  private async forceUnlock(shared: SharedState, at: Machine): Promise<void> {
    for (const id of await shared.ids()) {
      this.story.push(`machine ${'ab'[at]} takes a lock away`);
      this.count('force-unlock');
      const { code, stdout, stderr } = await startCli(this.machines[at]!, ['force-unlock', id, '--force'], shared.options(at))
        .finished;
      if (code !== 0) this.complain(`the dead keep their locks: ${stdout}${stderr}`);
    }
  }

  private complain(what: string): void {
    if (!this.options.passedOver.some((rule) => what.startsWith(rule))) throw new Error(what);
  }

  private count(what: string): void {
    const { counts } = this.options;
    counts[what] = (counts[what] ?? 0) + 1;
  }

  /** Plans and applies on one machine, and judges what came of it. */
  private async run(at: Machine, fate: Fate): Promise<CliResult> {
    this.story.push(`apply on machine ${'ab'[at]}; ${fate.told}`);
    await fate.arm();
    const began = Date.now();
    const run = this.start(at);
    await fate.strike(run);
    const ended = await this.ended(run, fate);
    if (ended.signal === null) this.usualMs = Math.min(this.usualMs, Date.now() - began);
    await this.judgeAll([ended]);
    return ended;
  }

  private start(at: Machine): RunningCli {
    const waits = this.shared === undefined ? [] : ['--lock-timeout', '2m'];
    const args = ['apply', '--auto-approve', '--json', '--parallelism', '2', ...waits];
    return startCli(this.machines[at]!, args, this.shared?.options(at));
  }

  private async ended(run: RunningCli, fate: Fate): Promise<CliResult> {
    const ended = await run.finished;
    this.count('runs');
    this.count(ended.signal === 'SIGKILL' ? 'kill' : `exit ${ended.code}`);
    if (fate.kind !== 'none' && fate.kind !== 'kill') this.count(fate.kind);
    return ended;
  }

  /** What runs that have ended left and said. */
  private async judgeAll(ends: readonly CliResult[]): Promise<void> {
    const { source, target } = this.bench;
    await source.control.clearFaults();
    await target.control.clearFaults();
    await until('what the runs started to end', async () => {
      const left = await Promise.all(this.machines.map(leftHere));
      return left.flat().every((one) => !one.startsWith('process'));
    });
    await this.bench.judge();
    for (const ended of ends) if (ended.signal === null) this.judge(ended);
  }

  private judge(ended: CliResult): void {
    const { errors, blocked } = codesOf(ended);
    this.story.push(`  it ends with ${ended.code}${[...errors, ...blocked].map((code) => ` ${code}`).join('')}`);
    if (errors.includes('MP9001')) this.complain(`a bug: ${ended.stdout}${ended.stderr}`);
    if (ended.code === 0 && blocked.length > 0) this.complain(`exit 0 and blocked by ${blocked.join(', ')}`);
    if (ended.code !== 0 && errors.length + blocked.length === 0)
      this.complain(`failed without a reason: ${ended.stdout}${ended.stderr}`);
  }

  /** Each machine runs until nothing new comes of it; with nothing blocked, nothing may be left anywhere. */
  private async settle(): Promise<void> {
    const ends: string[] = [];
    for (const at of [0, 1, 0] as const) ends.push(await this.runUntilItStands(at));
    this.story.push(`settled: ${ends.join(' | ')}`);
    this.count(ends.at(-1) === '' ? 'converged' : 'blocked in the end');
    if (ends.some((end) => end !== '')) return;
    const left = await this.leftovers();
    if (left.length > 0) this.complain(`left behind: ${left.join(', ')}`);
  }

  /** Snapshots that people took are theirs. */
  private async leftovers(): Promise<string[]> {
    const { control } = this.bench.source;
    const taken = await Promise.all(VMS.map(async (vm) => (await control.snapshots({ vm })).snapshots));
    const ours = taken.flat().filter(({ name }) => name.startsWith('migplan-'));
    const others = (await this.bench.leftovers()).filter((left) => !left.endsWith(' snapshots in vCenter'));
    const locks = (await this.shared?.locks()) ?? '';
    return [...ours.map(({ name }) => `snapshot ${name}`), ...others, ...(locks === '' ? [] : [locks])];
  }

  private async runUntilItStands(at: Machine): Promise<string> {
    let before: string | undefined;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const { errors, blocked } = codesOf(await this.run(at, PLAIN));
      const end = [...new Set([...errors, ...blocked])].sort().join(' ');
      if (end === '' || end === before) return end;
      before = end;
    }
    this.complain(`never settles: ${ROUNDS_MAX} runs, the last: ${before}`);
    return before ?? '';
  }
}

const other = (at: Machine): Machine => (at === 0 ? 1 : 0);

interface Line {
  readonly type?: string;
  readonly diagnostic?: { readonly severity?: string; readonly code?: string };
}

function codesOf({ stdout, stderr }: CliResult): { readonly errors: string[]; readonly blocked: string[] } {
  const lines = stdout.split('\n').flatMap((line): Line[] => (line.startsWith('{') ? [JSON.parse(line) as Line] : []));
  const codes = (type: string): string[] =>
    lines.flatMap((line) => (line.type === type && line.diagnostic?.severity === 'error' ? [line.diagnostic.code ?? ''] : []));
  return { errors: [...codes('diagnostic'), ...(stderr.includes('MP9001') ? ['MP9001'] : [])], blocked: codes('blocked') };
}
