import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from '../vcenter-sim/ensure-built.js';
import type { CliProject } from './cli.js';
import { cloudLeftovers } from './cloud-leftovers.js';
import { emptyCloud } from './empty-cloud.js';
import { projectRoot } from './lab.js';
import { leftHere } from './leftovers.js';
import { type Planted, type PlantedServer, plantServer } from './planted-server.js';
import { RealCloud } from './real-cloud.js';
import { volumePlanter } from './volume-planter.js';

/** Project old as the older cloud, project demo as the new one, and a project of migplan between them. */
export class TwoRealClouds implements AsyncDisposable, CliProject {
  private constructor(
    /** For disks. */
    readonly home: string,
    readonly old: RealCloud,
    readonly target: RealCloud,
  ) {}

  /** Both are emptied first. */
  static async open(): Promise<TwoRealClouds> {
    await ensureBuilt(projectRoot, ['src', 'lab']);
    const [old, target] = [await RealCloud.open('lab-old'), await RealCloud.open('lab')];
    const clouds = new TwoRealClouds(await mkdtemp(join(tmpdir(), 'cloud-')), old, target);
    await clouds.empty();
    await clouds.writeProject();
    return clouds;
  }

  get folder(): string {
    return join(this.home, 'project');
  }

  get environment(): Readonly<Record<string, string>> {
    return {
      XDG_RUNTIME_DIR: `${this.folder}.run`,
      MIGPLAN_LAB_PROJECT: this.folder,
      ...this.target.target().environment,
    };
  }

  /** A server that a tenant of the old cloud runs. */
  async plant(server: Omit<PlantedServer, 'project' | 'flavor' | 'network'>): Promise<Planted> {
    const place = { project: 'old', flavor: 'm1.nano', network: 'old-net' };
    return plantServer(await this.old.as('lab-old'), volumePlanter(this.old), { ...server, ...place });
  }

  /** One Migration; `spec` is YAML. */
  manifest(name: string, spec: string): Promise<void> {
    const text = `apiVersion: migplan.dev/v1alpha1\nkind: Migration\nmetadata: {name: ${name}}\nspec:\n${spec.replace(/^/gm, '  ')}\n`;
    return writeFile(join(this.folder, `manifests/${name}.yaml`), text);
  }

  /** What runs have left anywhere; empty is what it should be. */
  async leftovers(): Promise<string[]> {
    const here = { folder: this.folder, marker: `MIGPLAN_LAB_PROJECT=${this.folder}`, runtimeFolder: `${this.folder}.run` };
    return [...(await cloudLeftovers(this.old)), ...(await cloudLeftovers(this.target)), ...(await leftHere(here))];
  }

  private async writeProject(): Promise<void> {
    await mkdir(join(this.folder, 'manifests'), { recursive: true });
    await mkdir(`${this.folder}.run`, { mode: 0o700 });
    const { access } = this.target.target();
    await writeFile(
      join(this.folder, 'migplan.yaml'),
      `apiVersion: migplan.dev/v1alpha1
kind: Project
metadata: {name: acme}
spec:
  providers:
    rhosp13: {type: openstack, cloud: lab-old, access: ${access}}
    rhoso18: {type: openstack, cloud: lab, access: ${access}}
  include: [manifests/*.yaml]
  defaults:
    source: {provider: rhosp13}
    target: {provider: rhoso18, volumeType: rbd, mapping: {networks: {old-net: demo-net}}}
`,
    );
  }

  private async empty(): Promise<void> {
    await emptyCloud(this.old);
    await emptyCloud(this.target);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.empty();
    await rm(this.home, { recursive: true, force: true });
  }
}
