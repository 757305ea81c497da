import { cloudLeftovers } from '../cloud-leftovers.js';
import { emptyCloud } from '../empty-cloud.js';
import { type Planted, plantServer } from '../planted-server.js';
import { type LabCloudEntry, RealCloud } from '../real-cloud.js';
import { volumePlanter } from '../volume-planter.js';
import type { Tenant } from './old-cloud.js';
import type { Opener, Settings, SourcePart } from './part.js';

/** Project old of the real cloud, which plays an older one. What its disks held is for the test to know. */
export class RealOldCloud implements SourcePart {
  readonly provider = 'rhosp13';
  readonly clouds = [];
  readonly mapping = { mapping: '{networks: {old-net: demo-net}}' };
  readonly truth = undefined;

  constructor(
    readonly cloud: RealCloud,
    private readonly entry: LabCloudEntry = cloud.entry,
  ) {}

  get settings(): Settings {
    return { type: 'openstack', cloud: this.entry, access: this.cloud.access };
  }

  get environment(): Readonly<Record<string, string>> {
    return this.cloud.environment;
  }

  get ports(): readonly number[] {
    return this.cloud.endpoints.clientPorts;
  }

  /** A server that a tenant runs. */
  async plant(server: Tenant): Promise<Planted> {
    const place = { project: 'old', flavor: 'm1.nano', network: 'old-net' };
    return plantServer(await this.cloud.as('lab-old'), volumePlanter(this.cloud), { ...server, ...place });
  }

  leftovers(): Promise<string[]> {
    return cloudLeftovers(this.cloud);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return emptyCloud(this.cloud);
  }
}

/** It is emptied first, and in the end. `entry`: of clouds.yaml, by which projects reach it. */
export const realOldCloud =
  (entry?: LabCloudEntry): Opener<RealOldCloud> =>
  async () => {
    const cloud = await RealCloud.open('lab-old');
    await emptyCloud(cloud);
    return new RealOldCloud(cloud, entry);
  };
