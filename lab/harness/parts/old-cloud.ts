import { setTimeout as sleep } from 'node:timers/promises';
import { connectClient } from '../../openstack-sim/conformance/client.js';
import type { NewVolume } from '../../openstack-sim/control-volume.js';
import type { CloudControl } from '../cloud-control.js';
import { type Planted, type PlantedServer, plantServer } from '../planted-server.js';
import { cloudTruth, type Truth } from '../truth.js';
import type { CloudEntry, Opener, Settings, SourcePart } from './part.js';
import { type CloudChange, SimulatedCloud, TENANT } from './simulated-cloud.js';

/** A machine type of the old cloud's release. */
export const RHEL = 'pc-i440fx-rhel7.6.0';
const POLL_MS = 20;
const WITHIN = 'deviceTimeout: 5s, detachTimeout: 5s';

const CONFIG = {
  seed: 'old',
  projects: [{ name: 'demo' }],
  flavors: [{ name: 'm1.legacy', vcpus: 1, ramMiB: 1024 }],
  networks: [{ name: 'tenant-net', project: 'demo', subnets: [{ cidr: '192.0.2.0/24' }] }],
  hypervisor: { machineTypes: ['pc', 'q35', RHEL] },
  evidence: { snapshots: true },
};

/** A server of a tenant, but for where it is. */
export type Tenant = Omit<PlantedServer, 'project' | 'flavor' | 'network'>;

/** An older simulated cloud whose servers are copied. */
export class OldCloud implements SourcePart {
  readonly provider = 'rhosp13';
  readonly environment = {};
  readonly mapping = { mapping: '{flavors: {m1.legacy: m1.small}, networks: {tenant-net: prod-lan}}' };
  readonly truth: Truth;

  constructor(
    private readonly cloud: SimulatedCloud,
    private readonly access: string,
  ) {
    this.truth = cloudTruth(cloud.control);
  }

  get control(): CloudControl {
    return this.cloud.control;
  }

  get clouds(): readonly CloudEntry[] {
    return this.cloud.clouds;
  }

  get ports(): readonly number[] {
    return this.cloud.ports;
  }

  get settings(): Settings {
    return this.cloud.settings({ access: this.access });
  }

  async plant(server: Tenant): Promise<Planted> {
    const { authUrl, password, control } = this.cloud;
    const client = await connectClient({ authUrl, user: TENANT, password, project: 'demo' }, () => sleep(POLL_MS));
    const planter = { createVolume: (wanted: NewVolume) => control.createVolume({ ...wanted }) };
    return plantServer(client, planter, { ...server, project: 'demo', flavor: 'm1.legacy', network: 'tenant-net' });
  }

  async leftovers(): Promise<string[]> {
    const clones = (await this.control.volumes()).filter(({ name }) => name?.startsWith('migplan-'));
    return [
      ...(await this.control.snapshots()).map(({ name }) => `snapshot ${name}`),
      ...clones.map(({ name, status }) => `clone ${name} is ${status}`),
      ...(await this.cloud.leftovers()),
    ];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cloud[Symbol.asyncDispose]();
  }
}

/** Its snapshots are read in place. */
export const oldCloud =
  (change: CloudChange = {}): Opener<OldCloud> =>
  async (folder) => {
    const cloud = await SimulatedCloud.start(folder, 'old', { ...CONFIG, ...change });
    return new OldCloud(cloud, cloud.localAccess);
  };

/** Its snapshots are read by way of volumes on a conversion host. `ssh`: its address, as if it were another machine, as YAML. */
export const oldCloudByHost =
  ({ ssh }: { readonly ssh?: string } = {}): Opener<OldCloud> =>
  async (folder) => {
    const cloud = await SimulatedCloud.start(folder, 'old', { ...CONFIG, conversionHost: true });
    return new OldCloud(cloud, cloud.hostAccess(`${WITHIN}${ssh === undefined ? '' : `, ssh: ${ssh}`}`));
  };
