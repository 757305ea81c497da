import { cloudLeftovers } from '../cloud-leftovers.js';
import { emptyCloud } from '../empty-cloud.js';
import { RealCloud, type RealProject } from '../real-cloud.js';
import type { Witness } from '../witness.js';
import type { Opener, Settings, TargetPart, TargetWishes } from './part.js';

/** A project of the real cloud. Volumes are reached in Ceph by default. */
export class RealTarget implements TargetPart {
  readonly provider = 'rhoso-prod';
  readonly clouds = [];
  readonly volumeType = 'rbd';
  readonly environment: Readonly<Record<string, string>>;
  readonly witness: Witness;

  constructor(readonly cloud: RealCloud) {
    this.environment = cloud.environment;
    this.witness = realWitness(cloud);
  }

  get ports(): readonly number[] {
    return this.cloud.endpoints.clientPorts;
  }

  settings({ entry = this.cloud.entry, access = this.cloud.access }: TargetWishes): Settings {
    return { type: 'openstack', cloud: entry, access };
  }

  addMetadata(volume: string, metadata: Readonly<Record<string, string>>): Promise<unknown> {
    return this.cloud.call('volumev3', 'POST', `/volumes/${volume}/metadata`, { metadata });
  }

  leftovers(): Promise<string[]> {
    return cloudLeftovers(this.cloud);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return emptyCloud(this.cloud);
  }
}

/** A project of the real cloud as the target, demo unless told otherwise; it is emptied first, and in the end. */
export const realTarget =
  (project: RealProject = 'lab'): Opener<RealTarget> =>
  async () => {
    const cloud = await RealCloud.open(project);
    await emptyCloud(cloud);
    return new RealTarget(cloud);
  };

/** Nobody keeps the bytes of a moment there, and what is encrypted cannot be read here. */
const realWitness = (cloud: RealCloud): Witness => ({
  async *claims() {},
  volumes: async () =>
    (await cloud.volumes())
      .filter(({ encrypted }) => !encrypted)
      .map(({ id, name, metadata }) => ({
        volumeId: id,
        name,
        metadata,
        mark: async () => JSON.stringify(metadata),
        differenceFrom: async (file) => ((await cloud.volumeEqualsFile(id, file)) ? undefined : 'they differ'),
      })),
});
