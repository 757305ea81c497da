import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CloudConfig } from '../openstack-sim/config.js';
import type { WorldConfig } from '../vcenter-sim/world-config.js';
import { CloudControl } from './cloud-control.js';
import { Oracle, watchedClaims } from './oracle.js';
import { startServer } from './server-process.js';
import { vcenterTruth } from './truth.js';
import { type VcenterControl, vcenterControl } from './vcenter-control.js';

/** The project's root, from dist/lab/harness as well as from lab/harness. */
export const projectRoot = fileURLToPath(new URL(import.meta.url.includes('/dist/') ? '../../../' : '../../', import.meta.url));

const compiled = (path: string): string => join(projectRoot, 'dist', path);

export interface SourceSecrets {
  readonly vcenterUser: string;
  readonly vcenterPassword: string;
}

export interface LabSecrets extends SourceSecrets {
  readonly cloudPassword: string;
}

/** vcenter-sim as a process of its own, the door to look behind it, and what reads its disks. */
export interface SourceLab extends AsyncDisposable {
  readonly folder: string;
  readonly vcenter: {
    readonly server: string;
    readonly caFile: string;
    readonly sha256: string;
    readonly control: VcenterControl;
  };
  readonly secrets: SourceSecrets;
  /** What stands in for nbdkit with the vddk plugin, and its library folder. */
  readonly vddk: { readonly nbdkit: string; readonly libdir: string };
}

/** With openstack-sim beside it. */
export interface Lab extends SourceLab {
  /** Watches the cloud's volumes as long as the lab is there. */
  readonly oracle: Oracle;
  readonly cloud: { readonly authUrl: string; readonly control: CloudControl; readonly stateFolder: string };
  readonly secrets: LabSecrets;
}

export interface LabOptions {
  readonly folder: string;
  /** Everything but users, which the lab makes up. */
  readonly world: Omit<WorldConfig, 'users'>;
  readonly cloud?: Partial<CloudConfig>;
}

interface VcenterReady {
  readonly server: string;
  readonly caFile: string;
  readonly sha256: string;
  readonly control: string;
}

interface CloudReady {
  readonly authUrl: string;
  readonly control: string;
}

export async function startLab({ folder, world, cloud = {} }: LabOptions): Promise<Lab> {
  const source = await startSource({ folder, world });
  const secrets = { ...source.secrets, cloudPassword: `os-${randomBytes(12).toString('hex')}` };
  try {
    const openstack = await startCloud(folder, cloud, secrets);
    const control = new CloudControl(openstack.ready.control);
    const oracle = new Oracle(control, vcenterTruth(source.vcenter.control));
    return {
      ...source,
      oracle,
      cloud: { authUrl: openstack.ready.authUrl, control, stateFolder: join(folder, 'cloud', 'state') },
      secrets,
      async [Symbol.asyncDispose]() {
        try {
          await oracle[Symbol.asyncDispose]();
        } finally {
          await openstack[Symbol.asyncDispose]();
          await source[Symbol.asyncDispose]();
        }
      },
    };
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

/** The source side alone, for a target that is somewhere else. */
export async function startSource({ folder, world }: Pick<LabOptions, 'folder' | 'world'>): Promise<SourceLab> {
  const secrets: SourceSecrets = {
    vcenterUser: 'migrator@vsphere.local',
    vcenterPassword: `vc-${randomBytes(12).toString('hex')}`,
  };
  const vcenter = await startVcenter(folder, world, secrets);
  return {
    folder,
    vcenter: { ...vcenter.ready, control: vcenterControl(vcenter.ready.control) },
    secrets,
    vddk: await vddkStandIn(folder),
    [Symbol.asyncDispose]: () => vcenter[Symbol.asyncDispose](),
  };
}

async function startVcenter(folder: string, world: LabOptions['world'], secrets: SourceSecrets) {
  const home = join(folder, 'vcenter');
  await mkdir(home, { recursive: true });
  const users = [{ name: secrets.vcenterUser, password: secrets.vcenterPassword }];
  await writeFile(join(home, 'world.json'), JSON.stringify({ ...world, users }), { mode: 0o600 });
  return startServer<VcenterReady>(
    compiled('lab/vcenter-sim/main.js'),
    ['--config', join(home, 'world.json'), '--state', join(home, 'state')],
    { ready: join(home, 'ready.json'), log: join(home, 'log') },
  );
}

async function startCloud(folder: string, cloud: Partial<CloudConfig>, secrets: LabSecrets) {
  const home = join(folder, 'cloud');
  await mkdir(home, { recursive: true });
  const projects = cloud.projects ?? [{ name: 'demo' }];
  const roles = Object.fromEntries(projects.map(({ name }) => [name, ['member' as const]]));
  const config: CloudConfig = {
    projects,
    users: [{ name: 'demo', password: secrets.cloudPassword, roles }],
    volumeTypes: [{ name: 'ssd', default: true }],
    flavors: [{ name: 'm1.small', vcpus: 1, ramMiB: 2048 }],
    networks: [{ name: 'prod-lan', project: 'demo', subnets: [{ cidr: '192.0.2.0/24' }] }],
    evidence: watchedClaims,
    ...cloud,
  };
  await writeFile(join(home, 'cloud.json'), JSON.stringify(config), { mode: 0o600 });
  return startServer<CloudReady>(
    compiled('lab/openstack-sim/main.js'),
    ['--config', join(home, 'cloud.json'), '--state', join(home, 'state')],
    { ready: join(home, 'ready.json'), log: join(home, 'log') },
  );
}

/** The stand-in checks that a VDDK is installed where libdir says; this one is an empty file. */
async function vddkStandIn(folder: string): Promise<SourceLab['vddk']> {
  const library = join(folder, 'vddk', 'lib64', 'libvixDiskLib.so.8');
  await mkdir(dirname(library), { recursive: true });
  await writeFile(library, '');
  return { nbdkit: join(projectRoot, 'lab/vddk-sim/nbdkit'), libdir: join(folder, 'vddk') };
}
