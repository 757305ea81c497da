import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudConfig } from '../openstack-sim/config.js';
import { ensureBuilt } from '../vcenter-sim/ensure-built.js';
import { type Lab, projectRoot, startLab } from './lab.js';
import { leftovers } from './leftovers.js';
import { LabProject } from './project-files.js';
import { type SmallVm, smallWorld } from './small-world.js';

const ROOM = { volumes: 100, gigabytes: 1000, instances: 20, ports: 100 };

/** A lab of small VMs in a folder of its own, and the projects that are tried on it. */
export class Bench implements AsyncDisposable {
  readonly projects: LabProject[] = [];

  private constructor(
    readonly folder: string,
    readonly lab: Lab,
  ) {}

  /** Compiles the project when that is needed. VMs with disks of their own are made in the bench's folder. */
  static async open(
    vms: readonly SmallVm[] | ((folder: string) => Promise<readonly SmallVm[]>),
    cloud: Partial<CloudConfig> | ((folder: string) => Partial<CloudConfig>) = {},
  ): Promise<Bench> {
    await ensureBuilt(projectRoot, ['src', 'lab']);
    // Short, because sockets lie below it.
    const folder = await mkdtemp(join(tmpdir(), 'e2e-'));
    const projects = [{ name: 'demo', quota: ROOM }];
    const lab = await startLab({
      folder,
      world: smallWorld(typeof vms === 'function' ? await vms(folder) : vms),
      cloud: { projects, ...(typeof cloud === 'function' ? cloud(folder) : cloud) },
    });
    return new Bench(folder, lab);
  }

  /** A project with an empty manifests folder; `limits`, and `access` to volumes, as in the Project. */
  async project(name: string, limits = '{transfers: 2, batch: 4MiB}', access?: string): Promise<LabProject> {
    const project = await LabProject.create(join(this.folder, name), this.lab, {
      limits,
      ...(access !== undefined && { access }),
    });
    this.projects.push(project);
    return project;
  }

  /** What all projects together have left anywhere; empty is what it should be. */
  leftovers(): Promise<string[]> {
    return leftovers(this.lab, this.projects);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.lab[Symbol.asyncDispose]();
    } finally {
      if (process.env['MIGPLAN_KEEP'] === undefined) await rm(this.folder, { recursive: true, force: true });
      else process.stderr.write(`kept: ${this.folder}\n`);
    }
  }
}
