import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { CloudConfig, RoleName } from '../../openstack-sim/config.js';
import { CloudControl } from '../cloud-control.js';
import { type ServerProcess, startSimulator } from '../server-process.js';
import { simulatedWitness, type Witness, watchedClaims } from '../witness.js';
import type { CloudEntry, Opener, Settings, TargetPart, TargetWishes } from './part.js';

/** A user that is a member of each project, whatever the role of `demo`. */
export const TENANT = 'tenant';
/** Name of the server that stands for this machine; its first volume is what it boots from. */
export const CONVERSION_HOST = 'conversion-host';

const ROOM = { volumes: 100, gigabytes: 1000, instances: 20, ports: 100 };

/** `conversionHost`: this machine is a server of the cloud. `role`: of the user, in each project. */
export type CloudChange = Omit<Partial<CloudConfig>, 'conversionHost' | 'users'> & {
  readonly conversionHost?: boolean;
  readonly role?: RoleName;
};

interface Ready {
  readonly authUrl: string;
  readonly control: string;
}

/** openstack-sim as a process of its own, and the door to look behind it. Its volumes are files of this machine. */
export class SimulatedCloud implements TargetPart {
  readonly provider = 'rhoso-prod';
  readonly environment = {};
  readonly volumeType = 'ssd';
  readonly authUrl: string;
  readonly control: CloudControl;
  readonly witness: Witness;

  private constructor(
    private readonly process: ServerProcess<Ready>,
    private readonly home: string,
    private readonly entry: string,
    readonly password: string,
  ) {
    this.authUrl = process.ready.authUrl;
    this.control = new CloudControl(process.ready.control);
    this.witness = simulatedWitness(this.control);
  }

  /** `entry`: its name in clouds.yaml, and of its folder. */
  static async start(
    folder: string,
    entry: string,
    { conversionHost = false, role = 'member', ...change }: CloudChange,
  ): Promise<SimulatedCloud> {
    const home = join(folder, entry);
    const password = `os-${randomBytes(12).toString('hex')}`;
    const projects = change.projects ?? [{ name: 'demo', quota: ROOM }];
    const inEach = (of: RoleName) => Object.fromEntries(projects.map(({ name }) => [name, [of]]));
    const config: CloudConfig = {
      projects,
      users: [
        { name: 'demo', password, roles: inEach(role) },
        { name: TENANT, password, roles: inEach('member') },
      ],
      volumeTypes: [{ name: 'ssd', default: true }],
      flavors: [{ name: 'm1.small', vcpus: 1, ramMiB: 2048 }],
      networks: [{ name: 'prod-lan', project: 'demo', subnets: [{ cidr: '192.0.2.0/24' }] }],
      evidence: watchedClaims,
      ...(conversionHost && { conversionHost: { name: CONVERSION_HOST, byIdDir: linksIn(home) } }),
      ...change,
    };
    return new SimulatedCloud(await startSimulator<Ready>('openstack-sim', home, config), home, entry, password);
  }

  get clouds(): readonly CloudEntry[] {
    return [{ name: this.entry, authUrl: this.authUrl, password: this.password }];
  }

  get ports(): readonly number[] {
    return [Number(new URL(this.authUrl).port)];
  }

  /** Volumes are read and written as the files that they are. */
  get localAccess(): string {
    return `{type: cinder, local: {folders: [${join(this.home, 'state', 'volumes')}]}}`;
  }

  /** Volumes are read and written as disks of the conversion host; `more` of the access, as YAML. */
  hostAccess(more: string): string {
    return `{type: nova, server: ${CONVERSION_HOST}, byIdDir: ${linksIn(this.home)}, ${more}}`;
  }

  settings({ entry = this.entry, access = this.localAccess }: TargetWishes): Settings {
    return { type: 'openstack', cloud: entry, access };
  }

  async addMetadata(volume: string, added: Readonly<Record<string, string>>): Promise<void> {
    const { metadata } = (await this.control.volumes()).find(({ id }) => id === volume)!;
    await this.control.changeVolume(volume, { metadata: { ...metadata, ...added } });
  }

  async leftovers(): Promise<string[]> {
    const held = (await this.control.attachments()).filter(({ heldByNova }) => !heldByNova);
    const host = (await this.control.servers()).find(({ name }) => name === CONVERSION_HOST);
    return [
      ...held.map(({ id, volumeId }) => `attachment ${id} on volume ${volumeId}`),
      ...(host?.volumeIds ?? []).slice(1).map((id) => `volume ${id} on the conversion host`),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
  }
}

const linksIn = (home: string): string => join(home, 'by-id');

/** A cloud as the target. */
export const simulatedCloud =
  (change: CloudChange = {}): Opener<SimulatedCloud> =>
  (folder) =>
    SimulatedCloud.start(folder, 'prod', change);
