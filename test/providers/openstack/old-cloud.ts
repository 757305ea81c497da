import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Planted, type PlantedServer, plantServer } from '../../../lab/harness/planted-server.js';
import type { CloudConfig as SimConfig } from '../../../lab/openstack-sim/config.js';
import { type ConformanceClient, connectClient } from '../../../lab/openstack-sim/conformance/client.js';
import type { SourceProvider } from '../../../src/contracts/source-provider.js';
import type { CinderAccess, NovaAccess } from '../../../src/providers/openstack/config/cloud-config.js';
import { openOpenStackSource } from '../../../src/providers/openstack/index.js';
import { PASSWORD, SimCloud } from './sim-cloud.js';

/** What the volumes of a server made from a Glance image carry: the guest's hardware, and what is true of the image only. */
export const RHEL_METADATA = {
  hw_machine_type: 'pc-i440fx-rhel7.6.0',
  hw_disk_bus: 'virtio',
  os_type: 'linux',
  image_id: 'aa11',
  image_name: 'rhel7',
  checksum: 'd41d',
  container_format: 'bare',
  disk_format: 'qcow2',
  min_disk: '0',
  min_ram: '0',
  size: '123',
};

export const HOST = 'conv-old';

/** A simulated old cloud whose tenant `demo` runs servers. One of them is this machine. */
export class OldCloud implements AsyncDisposable {
  private constructor(
    readonly cloud: SimCloud,
    private readonly byIdDir: string,
  ) {}

  static async start(change: Partial<SimConfig> = {}): Promise<OldCloud> {
    const hypervisor = { machineTypes: ['pc', 'q35', 'pc-i440fx-rhel7.6.0'] };
    const byIdDir = await mkdtemp(join(tmpdir(), 'old-cloud-'));
    const conversionHost = { name: HOST, byIdDir, devices: 'file' } as const;
    return new OldCloud(await SimCloud.start({ hypervisor, conversionHost, ...change }), byIdDir);
  }

  /** The tenant at work. */
  client(user = 'demo', project = 'demo'): Promise<ConformanceClient> {
    const { sim } = this.cloud;
    const login = { authUrl: sim.authUrl, user, password: PASSWORD, project };
    return connectClient(login, async () => sim.control.advance(50));
  }

  async plant(over: Partial<PlantedServer> = {}): Promise<Planted> {
    return plantServer(await this.client(), this.cloud.sim.control, {
      name: 'legacy-app',
      project: 'demo',
      flavor: 'm1.small',
      network: 'lan',
      volumes: [{ sizeGiB: 1, imageMetadata: RHEL_METADATA }, { sizeGiB: 2 }],
      ...over,
    });
  }

  /** Ids of the tenant's security groups. */
  async groupIds(...names: readonly string[]): Promise<string[]> {
    const { body } = await (await this.client()).call('network', 'GET', '/v2.0/security-groups');
    const groups: { id: string; name: string }[] = body.security_groups;
    return names.map((name) => groups.find((group) => group.name === name)?.id ?? '');
  }

  open(access: CinderAccess = { type: 'cinder', local: { folders: [this.cloud.folder] } }): Promise<SourceProvider> {
    const config = { name: 'old', cloud: this.cloud.cloudConfig(), access, hostName: 'conv1' };
    return openOpenStackSource(config, { clock: this.cloud.clock, random: () => 0.5 });
  }

  /** Snapshots are read by way of clones on this machine. */
  openByClone(change: Partial<NovaAccess> = {}): Promise<SourceProvider> {
    const access: NovaAccess = { type: 'nova', server: HOST, byIdDir: this.byIdDir, ...change };
    const config = { name: 'old', cloud: this.cloud.cloudConfig(), access, hostName: 'conv1' } as const;
    return openOpenStackSource(config, { clock: this.cloud.clock, random: () => 0.5 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cloud[Symbol.asyncDispose]();
    await rm(this.byIdDir, { recursive: true, force: true });
  }
}
