import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { prng } from '../sim/prng.js';
import { type CliResult, type RunningCli, startCli } from './cli.js';
import type { LabProject } from './lab-project.js';
import { until } from './until.js';

/** Where in a run to strike: before its first effect, or at a share of the time that one VM takes from there on. */
export interface KillMoment {
  readonly after: 'start' | 'first-effect';
  readonly share: number;
}

/** How long a run that nobody disturbs takes, in ms. */
export interface Timing {
  readonly toFirstEffect: number;
  readonly fromThereToEnd: number;
}

/** A run that removes what another left, and copies again what the guest wrote since, takes longer than one from scratch. */
const BEYOND = 1.4;

/**
 * Moments spread over a run, seeded: one right after the start, one before the first effect, the others in equal parts of the
 * rest, each at a random place in its part.
 */
export function killMoments(seed: number, count: number): KillMoment[] {
  const random = prng(seed);
  const early = [0, 0.6].map((from): KillMoment => ({ after: 'start', share: from + random() * 0.3 }));
  const parts = count - early.length;
  const late = Array.from(
    { length: parts },
    (_, part): KillMoment => ({ after: 'first-effect', share: (BEYOND * (part + random())) / parts }),
  );
  return [...early, ...late];
}

/** An apply takes the locks of its VMs right before it touches anything. Killed runs leave theirs, so the pid decides. */
async function firstEffect(project: LabProject, { child }: RunningCli): Promise<void> {
  const folder = join(project.folder, '.migplan/vms');
  await until('the first lock', async () => {
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.lock'));
    const locks = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8').catch(() => '')));
    return child.exitCode !== null || locks.some((text) => text.includes(`"pid": ${child.pid},`));
  });
}

export interface Victim {
  readonly project: LabProject;
  readonly args: readonly string[];
  readonly timing: Timing;
}

/** Starts the program and kills it with SIGKILL at the moment, unless it has ended by then. */
export async function killAt({ after, share }: KillMoment, { project, args, timing }: Victim): Promise<CliResult> {
  const run = startCli(project, args);
  if (after === 'first-effect') await firstEffect(project, run);
  await sleep(share * (after === 'start' ? timing.toFirstEffect : timing.fromThereToEnd));
  run.child.kill('SIGKILL');
  return run.finished;
}

/** For a machine that is busier, or less busy, than when it was measured: how far the next run should get. */
export class Pace {
  private factor = 1;

  apply({ toFirstEffect, fromThereToEnd }: Timing): Timing {
    return { toFirstEffect: this.factor * toFirstEffect, fromThereToEnd: this.factor * fromThereToEnd };
  }

  /** `changed`: in how many volumes the last kill found something else than the one before it. */
  learn({ after, share }: KillMoment, changed: number): void {
    if (after === 'first-effect' && share > 0.4 && changed === 0) this.factor *= 1.6;
    if (changed > 2) this.factor *= 0.7;
  }
}

/** Runs the program undisturbed and measures it. */
export async function measure(
  project: LabProject,
  args: readonly string[],
): Promise<{ readonly timing: Timing; readonly result: CliResult }> {
  const began = Date.now();
  const run = startCli(project, args);
  await firstEffect(project, run);
  const effect = Date.now();
  const result = await run.finished;
  return { timing: { toFirstEffect: effect - began, fromThereToEnd: Date.now() - effect }, result };
}
