import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { makeConversionHostDisk } from '../guests/make.js';
import { joinNetwork } from './cloud-network.js';
import { plantServer } from './planted-server.js';
import type { RealCloud, RealVolume } from './real-cloud.js';
import { makeSshKeys, type SshKeys } from './ssh-keys.js';
import { volumePlanter } from './volume-planter.js';

const run = promisify(execFile);

const ENTRY = 'lab-other';
const NETWORK = 'other-net';
const PREFIX = 24;
/** High up: Neutron gives these to others only by chance. */
const [HOST, THIS_MACHINE] = ['192.168.66.250', '192.168.66.251'];
/** An emulated processor that the cloud's services need too; less than a minute where nothing else runs. */
const BOOT_TIMEOUT_MS = 600_000;
const PAUSE_MS = 1000;
const ROOT_GIB = 1;

/** A server of project other that is the conversion host: a real Debian, reached by ssh over the project's network. */
export class CloudConversionHost implements AsyncDisposable {
  readonly name = 'conv';
  readonly address = HOST;

  private constructor(
    private readonly cloud: RealCloud,
    readonly server: string,
    private readonly keys: SshKeys,
    private readonly network: AsyncDisposable,
  ) {}

  /** Resolves when it answers ssh. The cloud's project should be empty; `folder` must be there. */
  static async boot(cloud: RealCloud, folder: string): Promise<CloudConversionHost> {
    const home = join(folder, 'conv');
    await mkdir(home, { mode: 0o700 });
    const keys = await makeSshKeys(home, HOST);
    const { id, network } = await startServer(cloud, join(home, 'disk.raw'), keys);
    const host = new CloudConversionHost(cloud, id, keys, network);
    try {
      await host.answers();
      return host;
    } catch (error) {
      await host[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** For ssh's -F. */
  get sshConfig(): string {
    return this.keys.config;
  }

  /** What a Project says to reach it, as YAML; `server` as Nova names it. */
  access(server: string = this.name): string {
    return `{type: nova, server: ${server}, ssh: {host: ${this.address}, config: ${this.sshConfig}}}`;
  }

  /** What a command printed there, run by the shell of root. */
  async run(command: string): Promise<string> {
    const options = ['-F', this.keys.config, '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10'];
    return (await run('ssh', [...options, HOST, command])).stdout;
  }

  /** Volumes that are plugged in, but for the one that it runs from. */
  async plugged(): Promise<RealVolume[]> {
    const { body } = await this.cloud.call('compute', 'GET', `/servers/${this.server}/os-volume_attachments`);
    const ids = new Set((body.volumeAttachments as { volumeId: string }[]).map(({ volumeId }) => volumeId));
    return (await this.cloud.volumes()).filter(({ id, name }) => ids.has(id) && name !== ROOT_VOLUME);
  }

  private async answers(): Promise<void> {
    const deadline = Date.now() + BOOT_TIMEOUT_MS;
    for (;;) {
      try {
        await this.run('true');
        return;
      } catch (error) {
        if (Date.now() > deadline) throw new Error(await this.cloud.consoleOf(this.server), { cause: error });
        await sleep(PAUSE_MS);
      }
    }
  }

  /** The server stays, for whoever empties the cloud. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.network[Symbol.asyncDispose]();
  }
}

const ROOT_VOLUME = 'conv-root';

async function startServer(cloud: RealCloud, disk: string, { hostKey, userKey }: SshKeys) {
  await makeConversionHostDisk(disk, { address: `${HOST}/${PREFIX}`, hostKey, publicKey: `${userKey}.pub` });
  const root = { name: ROOT_VOLUME, sizeGiB: ROOT_GIB, fromFile: disk, imageMetadata: { hw_machine_type: 'q35' } };
  const { id } = await plantServer(await cloud.as(ENTRY), volumePlanter(cloud), {
    name: 'conv',
    project: 'other',
    flavor: 'm1.small',
    network: NETWORK,
    fixedIp: HOST,
    volumes: [root],
  });
  return { id, network: await joinNetwork(cloud, NETWORK, `${THIS_MACHINE}/${PREFIX}`) };
}
