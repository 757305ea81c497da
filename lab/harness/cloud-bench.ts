import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from '../vcenter-sim/ensure-built.js';
import { claimedState } from './claim.js';
import { cloudLeftovers } from './cloud-leftovers.js';
import { emptyCloud } from './empty-cloud.js';
import { type LabOptions, projectRoot, type SourceLab, startSource } from './lab.js';
import { leftHere } from './leftovers.js';
import { whyFalse } from './oracle.js';
import { LabProject } from './project-files.js';
import { type LabCloudEntry, RealCloud, type RealProject } from './real-cloud.js';
import { vcenterTruth } from './truth.js';

/** A simulated vCenter in front of the real cloud, and the projects that are tried between them. */
export class CloudBench implements AsyncDisposable {
  readonly projects: LabProject[] = [];
  /** Metadata of volumes, by id, as they were when the oracle found them true. */
  private readonly known = new Map<string, string>();

  private constructor(
    readonly folder: string,
    readonly source: SourceLab,
    readonly cloud: RealCloud,
  ) {}

  /** The cloud's project, demo unless told otherwise, is emptied first. `world` is told the folder, to put disks there. */
  static async open(
    world: (folder: string) => Promise<LabOptions['world']> | LabOptions['world'],
    entry: RealProject = 'lab',
  ): Promise<CloudBench> {
    await ensureBuilt(projectRoot, ['src', 'lab']);
    const folder = await mkdtemp(join(tmpdir(), 'cloud-'));
    const cloud = await RealCloud.open(entry);
    await emptyCloud(cloud);
    return new CloudBench(folder, await startSource({ folder, world: await world(folder) }), cloud);
  }

  /** A project with an empty manifests folder, working as the user of that entry; volumes are reached in Ceph by default. */
  async project(
    name: string,
    { entry = this.cloud.entry as LabCloudEntry, volumeType = 'rbd', limits = '{transfers: 2, batch: 4MiB}', access = '' } = {},
  ) {
    const target = { ...this.cloud.target(entry, volumeType), ...(access !== '' && { access }) };
    const project = await LabProject.on(join(this.folder, name), { source: this.source, target, limits });
    this.projects.push(project);
    return project;
  }

  /** Whether the volume is, byte for byte, the snapshot that its changeID names. */
  async equalsSnapshot(vm: string, diskKey: number): Promise<boolean> {
    const { id, metadata } = await this.cloud.volumeNamed(`${vm}-${diskKey}`);
    const { imagePath } = await this.source.vcenter.control.frozenImage({
      changeId: metadata['changeID'] ?? '',
      diskKey,
    } as never);
    return this.cloud.volumeEqualsFile(id, imagePath);
  }

  /** Makes a seeded VM's volume what a cutover would have made of it, but for the work of virt-v2v. */
  async asConverted(vm: string): Promise<void> {
    const { id, metadata } = await this.cloud.volumeNamed(`${vm}-2000`);
    const converted = { converted: 'true', migplan: metadata['migplan']!.replace('s=clean', 's=converted') };
    await this.cloud.call('volumev3', 'POST', `/volumes/${id}/metadata`, { metadata: converted });
    await this.source.vcenter.control.setPower({ vm, power: 'poweredOff' });
  }

  /** What all projects together have left anywhere, and records that are not true, one line each; empty is what it should be. */
  async leftovers(): Promise<string[]> {
    const { snapshotsNow, readersNow } = await this.source.vcenter.control.stats();
    return [
      ...(await this.lies()),
      ...(snapshotsNow === 0 ? [] : [`${snapshotsNow} snapshots in vCenter`]),
      ...(readersNow === 0 ? [] : [`${readersNow} readers of source disks`]),
      ...(await cloudLeftovers(this.cloud)),
      ...(await Promise.all(this.projects.map(leftHere))).flat(),
    ];
  }

  /** Each volume whose record says clean, and whose bytes are not those of its snapshot. What is encrypted cannot be read here. */
  private async lies(): Promise<string[]> {
    const truth = vcenterTruth(this.source.vcenter.control);
    const lies: string[] = [];
    for (const { id, name, metadata, encrypted } of await this.cloud.volumes()) {
      const claim = claimedState(metadata);
      const mark = JSON.stringify(metadata);
      if (claim?.state !== 'clean' || encrypted || this.known.get(id) === mark) continue;
      const why = await whyFalse(claim, truth, async (frozen) =>
        (await this.cloud.volumeEqualsFile(id, frozen)) ? undefined : 'they differ',
      );
      if (why !== undefined) lies.push(`volume ${name} says "${metadata['migplan']}", and ${why}`);
      this.known.set(id, mark);
    }
    return lies;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source[Symbol.asyncDispose]();
    await emptyCloud(this.cloud);
    if (process.env['MIGPLAN_KEEP'] === undefined) await rm(this.folder, { recursive: true, force: true });
    else process.stderr.write(`kept: ${this.folder}\n`);
  }
}
