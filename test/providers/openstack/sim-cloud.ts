import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudConfig as SimConfig } from '../../../lab/openstack-sim/config.js';
import { type OpenStackSim, startOpenStackSim } from '../../../lab/openstack-sim/index.js';
import type { TargetProvider } from '../../../src/contracts/target-provider.js';
import type { Clock } from '../../../src/host/clock.js';
import { Secret } from '../../../src/host/secret.js';
import type { CloudConfig, OpenStackConfig } from '../../../src/providers/openstack/config/cloud-config.js';
import { openOpenStack } from '../../../src/providers/openstack/index.js';
import { MovingClock } from './moving-clock.js';

export const PASSWORD = 'sim-p4ssword';

const CLOUD: SimConfig = {
  projects: [{ name: 'demo', quota: { volumes: 100, ports: 100 } }, { name: 'other' }],
  users: [
    { name: 'demo', password: PASSWORD, roles: { demo: ['member'] } },
    { name: 'other', password: PASSWORD, roles: { other: ['member'] } },
  ],
  applicationCredentials: [{ name: 'ci', user: 'demo', project: 'demo', secret: 'sim-s3cret' }],
  volumeTypes: [
    { name: 'local', default: true },
    { name: 'shared', multiattach: true },
    { name: 'luks', encrypted: true },
  ],
  availabilityZones: ['nova', 'az2'],
  flavors: [{ name: 'm1.small', id: '2', vcpus: 1, ramMiB: 512 }],
  networks: [
    { name: 'lan', project: 'demo', subnets: [{ cidr: '192.168.88.0/24' }] },
    { name: 'public', project: 'other', shared: true, subnets: [{ cidr: '192.168.77.0/24' }] },
  ],
  securityGroups: [{ name: 'web', project: 'demo' }],
  keypairs: [{ user: 'demo', name: 'key' }],
};

/** A simulated cloud whose time moves when the provider sleeps, and never by itself. */
export class SimCloud implements AsyncDisposable {
  readonly clock = new MovingClock((ms) => this.sim.control.advance(ms));
  private constructor(
    readonly sim: OpenStackSim,
    readonly folder: string,
  ) {}

  static async start(change: Partial<SimConfig> = {}, options: { readonly tls?: boolean } = {}): Promise<SimCloud> {
    const folder = await mkdtemp(join(tmpdir(), 'openstack-sim-'));
    const sim = await startOpenStackSim({ config: { ...CLOUD, ...change }, stateDir: folder, clock: 'frozen', ...options });
    return new SimCloud(sim, folder);
  }

  cloudConfig(change: Partial<CloudConfig> = {}): CloudConfig {
    const domain = { id: 'default' };
    return {
      name: 'sim',
      origin: '/etc/openstack/clouds.yaml',
      authUrl: this.sim.authUrl,
      credentials: {
        kind: 'password',
        user: { name: 'demo', domain },
        password: new Secret(PASSWORD),
        project: { name: 'demo', domain },
      },
      interfaces: { volume: 'public', compute: 'public', network: 'public', image: 'public' },
      endpointOverrides: {},
      tls: { verify: true, ...(this.sim.caFile !== undefined && { caFile: this.sim.caFile }) },
      ...change,
    };
  }

  config(): OpenStackConfig {
    const access = { type: 'cinder', local: { folders: [this.folder] } } as const;
    return { name: 'prod', cloud: this.cloudConfig(), access, hostName: 'conv1' };
  }

  open(change: Partial<OpenStackConfig> = {}, clock: Clock = this.clock): Promise<TargetProvider> {
    return openOpenStack({ ...this.config(), ...change }, { clock, random: () => 0.5, socketFolder: async () => this.folder });
  }

  /** How often a call was answered or dropped; `path` is searched in the path with query. */
  count(method: string, path: RegExp): number {
    return this.sim.control.calls().filter((call) => call.method === method && path.test(call.path)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const bugs = this.sim.control.calls().flatMap(({ bug }) => bug ?? []);
    await this.sim.close();
    await rm(this.folder, { recursive: true });
    if (bugs.length > 0) throw new Error(`the simulator failed: ${bugs.join()}`);
  }
}
