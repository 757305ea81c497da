import { mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { HostDevice } from '../../../lab/harness/host-device.js';
import { SshServer, type SshServerOptions } from '../../../lab/harness/ssh-server.js';
import { until } from '../../../lab/harness/until.js';
import { serverId, type VolumeId, volumeId } from '../../../src/model/ids.js';
import type { DeviceClaim } from '../../../src/providers/openstack/access/device-host.js';
import { SshDeviceHost, type SshDeviceHostOptions } from '../../../src/providers/openstack/access/ssh-device-host.js';
import type { SshAccess } from '../../../src/providers/openstack/config/cloud-config.js';
import { processesWith } from '../../host/compiled.js';

export const SIZE = 8 * 2 ** 20;
export const site = { provider: 'prod', call: 'volume' };
export const server = { id: serverId('11111111-2222-4333-8444-555555555555'), name: 'conv' };

export interface Options {
  readonly size?: number;
  readonly encrypted?: boolean;
  readonly timeoutMs?: number;
  readonly ssh?: Partial<SshAccess>;
  readonly host?: Partial<SshDeviceHostOptions>;
}

/** A host with an sshd and a device on it that is a volume; all of it is this machine. */
export class RemoteFixture {
  readonly volume: VolumeId = volumeId('0a0b0c0d-1111-4222-8333-444455556666');
  /** Names in /tmp of what claims have made there. */
  private readonly folders = new Set<string>();

  private constructor(
    readonly sshd: SshServer,
    readonly device: HostDevice,
    readonly sockets: string,
  ) {}

  static async start(options: SshServerOptions = {}): Promise<RemoteFixture> {
    const sshd = await SshServer.start(options);
    const device = await HostDevice.create('0a0b0c0d-1111-4222-8333-444455556666', SIZE);
    const sockets = await mkdtemp(join(tmpdir(), 'sockets-'));
    const fixture = new RemoteFixture(sshd, device, sockets);
    onTestFinished(async () => {
      try {
        await fixture.quiet();
      } finally {
        await sshd[Symbol.asyncDispose]();
        await device[Symbol.asyncDispose]();
        await rm(sockets, { recursive: true });
      }
    });
    return fixture;
  }

  host({ ssh, host }: Options = {}): SshDeviceHost {
    return new SshDeviceHost({
      ssh: { host: this.sshd.host, configFile: this.sshd.config, ...ssh },
      folders: { byIdDir: this.device.byIdDir, sysDir: '/sys' },
      socketFolder: async () => this.sockets,
      ...host,
    });
  }

  async claim(options: Options = {}): Promise<DeviceClaim> {
    const { size = SIZE, encrypted = false, timeoutMs = 500 } = options;
    const claim = await this.host(options).claim({ volume: this.volume, size, encrypted }, { site, timeoutMs });
    if ('none' in claim) return expect.unreachable('there is no device');
    onTestFinished(() => claim.close());
    // Other tests use this machine as a host at the same time: what is ours is told by who serves there.
    for (const { command } of await this.sshd.processes()) {
      const folder = /--unix \/tmp\/(migplan-\S+)\/s/.exec(command)?.[1];
      if (folder !== undefined) this.folders.add(folder);
    }
    return claim;
  }

  /** Which programs run on the host for us: `python`, `nbdkit`, `sshd`… with their ids. */
  async running(): Promise<Map<string, number>> {
    const found = await this.sshd.processes();
    return new Map(found.map(({ command, pid }) => [/(python|nbdkit)/.exec(command.split(' ')[0]!)?.[1] ?? command, pid]));
  }

  /** Nothing of ours runs on the host any more. */
  async dead(): Promise<void> {
    await until('everything on the host to end', async () => (await this.running()).size === 0);
  }

  /** The same, and no folder of ours is left there. */
  async quiet(): Promise<void> {
    await this.dead();
    await until('no folder on the host', async () => (await this.remoteFolders()).length === 0);
  }

  /** What a killed program left is old. */
  async ageFolders(): Promise<void> {
    for (const folder of await this.remoteFolders()) await utimes(join('/tmp', folder), 0, 0);
  }

  /** Whose the socket on the host is. */
  async socketOwner(): Promise<number> {
    const [folder] = await this.remoteFolders();
    return (await stat(join('/tmp', folder!, 's'))).uid;
  }

  /** Folders for the sockets of our claims, as far as they are there. */
  private async remoteFolders(): Promise<string[]> {
    return (await readdir('/tmp')).filter((name) => this.folders.has(name));
  }
}

/** Programs of a host, by name: a path to link to, or a script. */
export async function hostPrograms(programs: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'host-path-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(folder, { recursive: true });
  for (const [name, program] of Object.entries(programs)) {
    if (program.startsWith('/')) await symlink(program, join(folder, name));
    else await writeFile(join(folder, name), `#!/bin/sh\n${program}\n`, { mode: 0o755 });
  }
  return folder;
}

/** The ssh processes of this machine that lead to the scene's host. */
export async function sshPids(fixture: RemoteFixture): Promise<number[]> {
  const found = await processesWith(fixture.sshd.config);
  return found.filter(({ command }) => /^\S*ssh /.test(command)).map(({ pid }) => pid);
}
