import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from '../vcenter-sim/ensure-built.js';
import { LabProject, type ProjectWishes } from './lab-project.js';
import { leftHere } from './leftovers.js';
import { Oracle } from './oracle.js';
import type { Opener, SourcePart, TargetPart } from './parts/part.js';
import type { SimulatedCloud } from './parts/simulated-cloud.js';
import type { Vcenter } from './parts/vcenter.js';
import { projectRoot } from './project-root.js';

/** What a test needs, as parts. */
export interface BenchParts<Source, Target> {
  readonly source: Opener<Source>;
  readonly target: Opener<Target>;
}

/** A source and a target in a folder of their own, the projects that are tried between them, and whoever watches both. */
export class Bench<Source extends SourcePart = Vcenter, Target extends TargetPart = SimulatedCloud> implements AsyncDisposable {
  readonly projects: LabProject[] = [];
  private readonly oracle: Oracle | undefined;

  private constructor(
    readonly folder: string,
    readonly source: Source,
    readonly target: Target,
  ) {
    this.oracle = source.truth && new Oracle(target.witness, source.truth);
  }

  /** Compiles the project when that is needed. */
  static async open<Source extends SourcePart, Target extends TargetPart>(
    parts: BenchParts<Source, Target>,
  ): Promise<Bench<Source, Target>> {
    await ensureBuilt(projectRoot, ['src', 'lab']);
    // Short, because sockets lie below it.
    const folder = await mkdtemp(join(tmpdir(), 'lab-'));
    const source = await parts.source(folder);
    try {
      return new Bench(folder, source, await parts.target(folder));
    } catch (error) {
      await source[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** TCP ports of 127.0.0.1 that runs must reach. */
  get ports(): readonly number[] {
    return [...this.source.ports, ...this.target.ports];
  }

  /** Throws when a record of the target is not true; where nobody knows what the source held, none is. */
  async judge(): Promise<void> {
    await this.oracle?.judge();
  }

  async project(name: string, wishes: ProjectWishes = {}): Promise<LabProject> {
    const project = await LabProject.create(join(this.folder, name), this, wishes);
    this.projects.push(project);
    return project;
  }

  /** What all projects together have left anywhere; empty is what it should be. Records that are not true reject it. */
  async leftovers(): Promise<string[]> {
    await this.judge();
    return [
      ...(await this.source.leftovers()),
      ...(await this.target.leftovers()),
      ...(await Promise.all(this.projects.map(leftHere))).flat(),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.oracle?.[Symbol.asyncDispose]();
    } finally {
      await this.source[Symbol.asyncDispose]();
      await this.target[Symbol.asyncDispose]();
      await removed(this.folder);
    }
  }
}

async function removed(folder: string): Promise<void> {
  if (process.env['MIGPLAN_KEEP'] === undefined) await rm(folder, { recursive: true, force: true });
  else process.stderr.write(`kept: ${folder}\n`);
}
