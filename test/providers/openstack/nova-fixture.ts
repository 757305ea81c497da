import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CloudConfig as SimConfig } from '../../../lab/openstack-sim/config.js';
import type { TargetProvider } from '../../../src/contracts/target-provider.js';
import { type AttachmentId, type VolumeId, volumeId } from '../../../src/model/ids.js';
import type { NovaAccess } from '../../../src/providers/openstack/config/cloud-config.js';
import { SimCloud } from './sim-cloud.js';

export const SERVER = 'conversion-host';

export interface Start {
  readonly hypervisor?: SimConfig['hypervisor'];
  readonly host?: Partial<SimConfig['conversionHost']>;
  readonly access?: Partial<NovaAccess>;
}

/** A cloud with a conversion host, and this test in its place. Links lead to files unless loop devices are asked for. */
export class NovaFixture {
  private constructor(
    readonly cloud: SimCloud,
    readonly byIdDir: string,
    readonly folder: string,
    private readonly access: Partial<NovaAccess>,
  ) {}

  static async start({ hypervisor = {}, host = {}, access = {} }: Start = {}): Promise<NovaFixture> {
    const folder = await mkdtemp(join(tmpdir(), 'nova-access-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const byIdDir = join(folder, 'by-id');
    const cloud = await SimCloud.start({ hypervisor, conversionHost: { name: SERVER, byIdDir, devices: 'file', ...host } });
    onTestFinished(() => cloud[Symbol.asyncDispose]());
    return new NovaFixture(cloud, byIdDir, folder, access);
  }

  async open(access: Partial<NovaAccess> = {}): Promise<TargetProvider> {
    const provider = await this.cloud.open({
      access: { type: 'nova', server: SERVER, byIdDir: this.byIdDir, sysDir: '/sys', ...this.access, ...access },
    });
    onTestFinished(() => provider[Symbol.asyncDispose]());
    return provider;
  }

  plant(change: object = {}): VolumeId {
    return volumeId(this.cloud.sim.control.createVolume({ project: 'demo', name: 'v', sizeGiB: 1, ...change }).id);
  }

  /** What holds the volume, as Cinder tells it. */
  holders(volume: VolumeId): string[] {
    return this.cloud.sim.control
      .attachments()
      .filter((attachment) => attachment.volumeId === volume)
      .map(({ status, heldByNova }) => `${status}${heldByNova ? ' by nova' : ''}`);
  }

  status(volume: VolumeId): string {
    return this.cloud.sim.control.volumes().find(({ id }) => id === volume)?.status ?? 'none';
  }

  get host() {
    return this.cloud.sim.control.servers().find(({ name }) => name === SERVER)!;
  }

  link(volume: VolumeId): string {
    return join(this.byIdDir, `virtio-${volume.slice(0, 20)}`);
  }
}

/** Taken and connected. */
export const held = async (provider: TargetProvider, volume: VolumeId, own: readonly AttachmentId[] = []) =>
  provider.connect(volume, await provider.reserve(volume, own));
