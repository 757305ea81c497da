import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { type CliResult, type RunningCli, startCli } from '../../lab/harness/cli.js';
import { makeConversionStandIn } from '../../lab/harness/conversion-stand-in.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { leftHere } from '../../lab/harness/leftovers.js';
import { otherMachine, setNetwork } from '../../lab/harness/other-machine.js';
import type { Opener, TargetPart } from '../../lab/harness/parts/part.js';
import { type Vcenter, vcenter } from '../../lab/harness/parts/vcenter.js';
import { until } from '../../lab/harness/until.js';
import { type Postgres, startPostgres } from '../../lab/postgres/index.js';
import { copying, manifestOf, migplan, type Step, said, windowsServer } from './steps.js';

export const HOST = 'runner-1';
const PASSWORD = 'of-both-machines';
const APPLY = ['apply', '--auto-approve', '--allow-cutover'];

export type Held = 'conversion' | 'committing';

/**
 * Two machines with a folder each, and one state in PostgreSQL with leases of 15 seconds. The first one has a network of its own. It dies, hangs, or is cut off; the second goes on by itself.
 * VMs whose name begins with `co` are a Windows that is converted by leaving it as it is; one whose name ends with `two` has two disks.
 */
export class TwoMachines<Target extends TargetPart> implements AsyncDisposable {
  private readonly started: RunningCli[] = [];

  private constructor(
    readonly bench: Bench<Vcenter, Target>,
    private readonly postgres: Postgres,
    readonly first: LabProject,
    readonly second: LabProject,
    private readonly env: Readonly<Record<string, string>>,
    private readonly vms: readonly string[],
  ) {}

  static async open<Target extends TargetPart>(target: Opener<Target>, vms: readonly string[]): Promise<TwoMachines<Target>> {
    const postgres = await startPostgres({ tcp: 'plain' });
    await postgres.psql(`CREATE ROLE machine LOGIN PASSWORD '${PASSWORD}'; GRANT CREATE ON DATABASE postgres TO machine`);
    const source = vcenter(
      vms.map((name) => ({
        name,
        disksMiB: name.endsWith('two') ? [8, 8] : [8],
        ...(name.startsWith('co') ? windowsServer : {}),
      })),
    );
    const bench = await Bench.open({ source, target });
    const [first, second] = [await bench.project('first'), await bench.project('second')];
    for (const machine of [first, second])
      await machine.edit('migplan.yaml', (text) =>
        text.replace('spec:\n', 'spec:\n  state: {type: pg, url: "env:STATE_URL", lease: 15s}\n'),
      );
    const standIn = join(bench.folder, 'stand-in');
    const env = { ...(await makeConversionStandIn(standIn)).environment, STATE_URL: urlOf(postgres) };
    const machines = new TwoMachines(bench, postgres, first, second, env, vms);
    await machines.waits(join(standIn, 'bin/virt-v2v-in-place'), '[ "$1" != --version ]', 'conversion');
    await writeFile(join(standIn, 'bin/qemu-img'), '#!/bin/sh\nexec /usr/bin/qemu-img "$@"\n', { mode: 0o755 });
    await machines.waits(join(standIn, 'bin/qemu-img'), '[ "$1" = commit ]', 'committing');
    return machines;
  }

  /** Nothing is left of a test but what a dead machine keeps on its own disk. */
  async clear(): Promise<void> {
    for (const { child } of this.started.splice(0)) child.kill('SIGKILL');
    await this.bench.source.control.setVddk({});
    for (const what of ['conversion', 'committing'] as const) await this.goesOn(what);
    expect((await this.bench.leftovers()).filter((left) => !left.startsWith('run folder'))).toEqual([]);
    for (const machine of [this.first, this.second]) for (const vm of this.vms) await machine.removeManifest(vm);
  }

  async declared(vm: string, spec: string): Promise<void> {
    for (const machine of [this.first, this.second]) await machine.manifest(vm, manifestOf(vm, spec));
  }

  on(machine: LabProject, args: readonly string[], step: Step = {}): Promise<CliResult> {
    return migplan(machine, args, { ...step, env: { ...this.env, ...step.env } });
  }

  applyThere(): Promise<CliResult> {
    return this.on(this.first, APPLY, { through: this.there });
  }

  /** On the first machine, in the middle of a copy. */
  async copyingThere(): Promise<RunningCli> {
    await this.bench.source.control.setVddk({ readDelayMs: 200 });
    const running = this.startThere();
    await copying(this.bench);
    return running;
  }

  /** There, in the middle of one of the two programs of the end. */
  async heldThere(what: Held): Promise<RunningCli> {
    await rm(`${this.holding(what)}-reached`, { force: true });
    await writeFile(this.holding(what), '');
    const running = this.startThere();
    await until(`${what} to begin`, async () => {
      if (running.child.exitCode !== null) throw new Error(said(await running.finished));
      return readFile(`${this.holding(what)}-reached`).then(
        () => true,
        () => false,
      );
    });
    return running;
  }

  /** Whoever does that next is not held. */
  goesOn(what: Held): Promise<void> {
    return rm(this.holding(what), { force: true });
  }

  async dies(running: RunningCli): Promise<void> {
    running.child.kill('SIGKILL');
    await running.finished;
    await this.bench.source.control.setVddk({});
    await until('all that it started to be gone', async () =>
      (await leftHere(this.first)).every((left) => !left.startsWith('process')),
    );
  }

  /** Nothing that the first machine sends is answered, by nobody. */
  cutOff(running: RunningCli): Promise<void> {
    return setNetwork(running.child.pid!, 'silent');
  }

  /** It may have given up meanwhile. */
  async backOn({ child }: RunningCli): Promise<void> {
    if (child.exitCode === null) await setNetwork(child.pid!, 'on');
  }

  /** The second machine waits for the first until that is not heard of any more, and goes on; what it said. */
  async takesOver(vm: string): Promise<string> {
    const told = said(await this.on(this.second, [...APPLY, '--lock-timeout', '3m']));
    expect(told).toMatch(
      new RegExp(`vm/${vm}: \\S+ \\(pid \\d+ on ${HOST}, .* was not heard of for \\d+s: its lock is taken over in \\ds`),
    );
    expect(told).toMatch(new RegExp(`vm/${vm}: taken over from \\S+ \\(pid \\d+ on ${HOST}, `));
    expect(said(await this.on(this.second, ['lock', 'list']))).not.toContain('vm/');
    return told;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bench[Symbol.asyncDispose]();
    await this.postgres.close();
  }

  private get there(): readonly string[] {
    return otherMachine(HOST, { reaches: [...this.bench.ports, this.postgres.port] });
  }

  private startThere(): RunningCli {
    const running = startCli(this.first, APPLY, { env: this.env, through: this.there });
    this.started.push(running);
    return running;
  }

  private holding(what: Held): string {
    return join(this.bench.folder, `hold-${what}`);
  }

  /** The program waits in its middle for as long as a file is there. */
  private async waits(program: string, when: string, what: Held): Promise<void> {
    const hold = this.holding(what);
    const [head = '', ...rest] = (await readFile(program, 'utf8')).split('\n');
    const wait = `if ${when}; then while [ -e ${hold} ]; do : > ${hold}-reached; sleep 0.1; done; fi`;
    await writeFile(program, [head, wait, ...rest].join('\n'));
  }
}

const urlOf = ({ port }: Postgres): string => `postgresql://machine:${PASSWORD}@127.0.0.1:${port}/postgres?sslmode=disable`;
