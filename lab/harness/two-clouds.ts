import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudConfig } from '../openstack-sim/config.js';
import { connectClient } from '../openstack-sim/conformance/client.js';
import type { NewVolume } from '../openstack-sim/control-volume.js';
import { ensureBuilt } from '../vcenter-sim/ensure-built.js';
import type { CliProject } from './cli.js';
import { CloudControl } from './cloud-control.js';
import { projectRoot } from './lab.js';
import { CONVERSION_HOST } from './leftovers.js';
import { Oracle, watchedClaims } from './oracle.js';
import { type Planted, type PlantedServer, plantServer } from './planted-server.js';
import { processesWith } from './processes.js';
import { localAccess } from './project-files.js';
import { startServer } from './server-process.js';
import { cloudTruth } from './truth.js';

const RHEL = 'pc-i440fx-rhel7.6.0';
const POLL_MS = 20;

export interface Cloud extends AsyncDisposable {
  readonly authUrl: string;
  readonly control: CloudControl;
  readonly password: string;
}

/** What differs between the two: the old one runs a machine type of its release, the new one has other names. */
const configs: Readonly<Record<'old' | 'new', Partial<CloudConfig>>> = {
  old: {
    seed: 'old',
    flavors: [{ name: 'm1.legacy', vcpus: 1, ramMiB: 1024 }],
    networks: [{ name: 'tenant-net', project: 'demo', subnets: [{ cidr: '192.0.2.0/24' }] }],
    hypervisor: { machineTypes: ['pc', 'q35', RHEL] },
    evidence: { snapshots: true },
  },
  new: {
    seed: 'new',
    flavors: [{ name: 'm1.small', vcpus: 1, ramMiB: 2048 }],
    networks: [{ name: 'prod-lan', project: 'demo', subnets: [{ cidr: '192.0.2.0/24' }] }],
    hypervisor: { machineTypes: ['pc', 'q35', RHEL] },
    evidence: watchedClaims,
  },
};

/** How the old cloud's snapshots are read: in place, or by way of volumes on a conversion host. */
export type SourceAccess = 'cinder' | 'nova';

/** An old cloud and a new one, and a project of migplan between them. */
export class TwoClouds implements AsyncDisposable, CliProject {
  private constructor(
    readonly home: string,
    readonly old: Cloud,
    readonly target: Cloud,
    readonly oracle: Oracle,
  ) {}

  /** `ssh`: the conversion host's address in the Project, as if it were another machine. */
  static async open(sourceAccess: SourceAccess = 'cinder', { ssh }: { readonly ssh?: string } = {}): Promise<TwoClouds> {
    await ensureBuilt(projectRoot, ['src', 'lab']);
    const home = await mkdtemp(join(tmpdir(), 'e2e-'));
    const byIdDir = join(home, 'by-id');
    const host = sourceAccess === 'nova' ? { conversionHost: { name: CONVERSION_HOST, byIdDir } } : {};
    const old = await startCloud(home, 'old', host);
    const target = await startCloud(home, 'new');
    const clouds = new TwoClouds(home, old, target, new Oracle(target.control, cloudTruth(old.control)));
    await clouds.writeProject(
      sourceAccess === 'nova'
        ? `{type: nova, server: ${CONVERSION_HOST}, byIdDir: ${byIdDir}, deviceTimeout: 5s, detachTimeout: 5s${ssh === undefined ? '' : `, ssh: ${ssh}`}}`
        : localAccess(join(home, 'old', 'state')),
    );
    return clouds;
  }

  get folder(): string {
    return join(this.home, 'project');
  }

  get environment(): Readonly<Record<string, string>> {
    return { XDG_RUNTIME_DIR: `${this.folder}.run`, MIGPLAN_LAB_PROJECT: this.folder };
  }

  /** A server of the old cloud's tenant. */
  async plant(server: Omit<PlantedServer, 'project' | 'flavor' | 'network'>): Promise<Planted> {
    const { authUrl, password, control } = this.old;
    const client = await connectClient({ authUrl, user: 'demo', password, project: 'demo' }, () => sleep(POLL_MS));
    const planter = { createVolume: (wanted: NewVolume) => control.createVolume({ ...wanted }) };
    return plantServer(client, planter, { ...server, project: 'demo', flavor: 'm1.legacy', network: 'tenant-net' });
  }

  write(name: string, text: string, mode = 0o644): Promise<void> {
    return writeFile(join(this.folder, name), text, { mode });
  }

  /** Snapshots, clones, attachments, processes and sockets that runs left, one line each. */
  async leftovers(): Promise<string[]> {
    const attachments = [...(await this.target.control.attachments()), ...(await this.old.control.attachments())];
    const held = attachments.filter(({ heldByNova }) => !heldByNova);
    const clones = (await this.old.control.volumes()).filter(({ name }) => name?.startsWith('migplan-'));
    const host = (await this.old.control.servers()).find(({ name }) => name === CONVERSION_HOST);
    const sockets = await readdir(`${this.folder}.run`).catch(() => []);
    return [
      ...(await this.old.control.snapshots()).map(({ name }) => `snapshot ${name}`),
      ...clones.map(({ name, status }) => `clone ${name} is ${status}`),
      ...(host?.volumeIds ?? []).slice(1).map((id) => `volume ${id} on the conversion host`),
      ...held.map(({ id }) => `attachment ${id}`),
      ...(await processesWith(`MIGPLAN_LAB_PROJECT=${this.folder}`)).map(({ command }) => `process ${command}`),
      ...sockets.map((name) => `run folder ${name}`),
    ];
  }

  private async writeProject(sourceAccess: string): Promise<void> {
    await mkdir(join(this.folder, 'manifests'), { recursive: true });
    await mkdir(`${this.folder}.run`, { recursive: true, mode: 0o700 });
    await this.write(
      'migplan.yaml',
      `apiVersion: migplan.dev/v1alpha1
kind: Project
metadata: {name: acme}
spec:
  providers:
    rhosp13: {type: openstack, cloud: old, access: ${sourceAccess}}
    rhoso18: {type: openstack, cloud: new, access: ${localAccess(join(this.home, 'new', 'state'))}}
  include: [manifests/*.yaml]
  limits: {transfers: 2, batch: 64MiB}
  defaults:
    source: {provider: rhosp13}
    target:
      provider: rhoso18
      mapping: {flavors: {m1.legacy: m1.small}, networks: {tenant-net: prod-lan}}
`,
    );
    const entry = (name: string, { authUrl }: Cloud): string =>
      `  ${name}:\n    region_name: RegionOne\n    auth: {auth_url: "${authUrl}", username: demo, project_name: demo, user_domain_name: Default, project_domain_name: Default}\n`;
    await this.write('clouds.yaml', `clouds:\n${entry('old', this.old)}${entry('new', this.target)}`);
    const secret = (name: string, { password }: Cloud): string => `  ${name}:\n    auth: {password: "${password}"}\n`;
    await this.write('secure.yaml', `clouds:\n${secret('old', this.old)}${secret('new', this.target)}`, 0o600);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.oracle[Symbol.asyncDispose]();
    } finally {
      await this.old[Symbol.asyncDispose]();
      await this.target[Symbol.asyncDispose]();
      await rm(this.home, { recursive: true, force: true });
    }
  }
}

/** A cloud in a process of its own, with its files in a folder of that name. */
export async function startCloud(home: string, name: 'old' | 'new', change: Partial<CloudConfig> = {}): Promise<Cloud> {
  const folder = join(home, name);
  const password = `os-${randomBytes(12).toString('hex')}`;
  const config: CloudConfig = {
    projects: [{ name: 'demo' }],
    users: [{ name: 'demo', password, roles: { demo: ['member'] } }],
    volumeTypes: [{ name: 'ssd', default: true }],
    ...configs[name],
    ...change,
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'cloud.json'), JSON.stringify(config), { mode: 0o600 });
  const main = join(projectRoot, 'dist/lab/openstack-sim/main.js');
  const server = await startServer<{ readonly authUrl: string; readonly control: string }>(
    main,
    ['--config', join(folder, 'cloud.json'), '--state', join(folder, 'state')],
    { ready: join(folder, 'ready.json'), log: join(folder, 'log') },
  );
  return {
    authUrl: server.ready.authUrl,
    control: new CloudControl(server.ready.control),
    password,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
