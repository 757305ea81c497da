import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { dirname, join } from 'node:path';
import type { WorldConfig } from '../../vcenter-sim/world-config.js';
import { answerIn } from '../../vddk-sim/answers.js';
import { projectRoot } from '../project-root.js';
import { type ServerProcess, startSimulator } from '../server-process.js';
import { type SmallVm, smallWorld } from '../small-world.js';
import { type Truth, vcenterTruth } from '../truth.js';
import { type VcenterControl, vcenterControl } from '../vcenter-control.js';
import type { Opener, Settings, SourcePart } from './part.js';

/** VMs of a small world, or everything but users, which the part makes up. */
type World = readonly SmallVm[] | Omit<WorldConfig, 'users'>;

interface Ready {
  readonly server: string;
  readonly caFile: string;
  readonly sha256: string;
  readonly control: string;
}

/** vcenter-sim as a process of its own, the door to look behind it, and what reads its disks. */
export class Vcenter implements SourcePart {
  readonly provider = 'vc-prod';
  readonly clouds = [];
  readonly mapping = {};
  readonly user = 'migrator@vsphere.local';
  readonly server: string;
  readonly caFile: string;
  readonly sha256: string;
  readonly control: VcenterControl;
  readonly truth: Truth;
  readonly vddk: VddkStandIn;

  private constructor(
    private readonly process: ServerProcess<Ready>,
    private readonly answers: Server,
    readonly password: string,
    folder: string,
  ) {
    const { server, caFile, sha256, control } = process.ready;
    this.server = server;
    this.caFile = caFile;
    this.sha256 = sha256;
    this.control = vcenterControl(control);
    this.truth = vcenterTruth(this.control);
    this.vddk = vddkIn(folder);
  }

  static async start(folder: string, world: World, password = `vc-${randomBytes(12).toString('hex')}`): Promise<Vcenter> {
    await install(vddkIn(folder));
    const users = [{ name: 'migrator@vsphere.local', password }];
    const config = { ...('datacenters' in world ? world : smallWorld(world)), users };
    const simulator = await startSimulator<Ready>('vcenter-sim', join(folder, 'vcenter'), config);
    return new Vcenter(simulator, await answerIn(vddkIn(folder).libdir), password, folder);
  }

  get settings(): Settings {
    return {
      type: 'vmware',
      server: this.server,
      user: this.user,
      password: 'env:VCENTER_PASSWORD',
      tls: `{caFile: ${this.caFile}}`,
      reader: `{type: vddk, nbdkit: ${this.vddk.nbdkit}, libdir: ${this.vddk.libdir}}`,
    };
  }

  get environment(): Readonly<Record<string, string>> {
    return { VCENTER_PASSWORD: this.password };
  }

  get ports(): readonly number[] {
    return [Number(this.server.split(':')[1])];
  }

  async leftovers(): Promise<string[]> {
    const { snapshotsNow, readersNow } = await this.control.stats();
    return [
      ...(snapshotsNow === 0 ? [] : [`${snapshotsNow} snapshots in vCenter`]),
      ...(readersNow === 0 ? [] : [`${readersNow} readers of source disks`]),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.answers.close();
    await this.process[Symbol.asyncDispose]();
  }
}

/** A vCenter as the source. VMs with disks of their own are made in the folder that `world` is told. A password is made up unless given. */
export const vcenter =
  (world: World | ((folder: string) => Promise<World>), password?: string): Opener<Vcenter> =>
  async (folder) =>
    Vcenter.start(folder, typeof world === 'function' ? await world(folder) : world, password);

/** What stands in for nbdkit with the vddk plugin, and its library folder. */
interface VddkStandIn {
  readonly nbdkit: string;
  readonly libdir: string;
}

const vddkIn = (folder: string): VddkStandIn => ({
  nbdkit: join(projectRoot, 'lab/vddk-sim/nbdkit'),
  libdir: join(folder, 'vddk'),
});

/** The stand-in checks that a VDDK is installed where libdir says; this one is an empty file. */
async function install({ libdir }: VddkStandIn): Promise<void> {
  const library = join(libdir, 'lib64', 'libvixDiskLib.so.8');
  await mkdir(dirname(library), { recursive: true });
  await writeFile(library, '');
}
