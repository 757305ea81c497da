import { constants } from 'node:fs';
import { access, type FileHandle, open, readdir, readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { HostCheck } from '../../../contracts/provider.js';
import type { Clock } from '../../../host/clock.js';
import type { CallSite } from '../http/errors.js';
import { pollUntil } from '../http/poll.js';
import type { NamedServer } from './conversion-server.js';
import { cannotOpen, notTheVolume, severalDevices } from './device-errors.js';
import { type DeviceFacts, type ExpectedDevice, linkNames, wrongWith } from './device-facts.js';
import type { ClaimOptions, DeviceClaim, DeviceHost, HostDescription, NoDevice } from './device-host.js';
import { type HostState, hostChecks } from './host-checks.js';

const SECTOR = 512;

export interface DeviceFolders {
  readonly byIdDir: string;
  readonly sysDir: string;
}

/** The server that this program runs on. */
export class LocalDeviceHost implements DeviceHost {
  readonly description: HostDescription = {
    name: 'this machine',
    isHere: true,
    rights: 'migplan needs the right to write to attached volumes: run it as root, or as a member of the group disk.',
    busy: [],
    elsewhere: ({ name, id }) =>
      `Run migplan on server ${name} (${id}), or name in access of the Project the server it runs on, or how to reach it: access.ssh.`,
    there: ({ name, id }) =>
      `migplan has to run on server ${name} (${id}) itself, or to be told in access.ssh how to reach it, and udev has to make links there.`,
  };

  constructor(
    private readonly folders: DeviceFolders,
    private readonly clock: Clock,
  ) {}

  async claim(expected: ExpectedDevice, { site, timeoutMs }: ClaimOptions): Promise<DeviceClaim | NoDevice> {
    const path = await pollUntil(this.clock, timeoutMs, () => this.find(expected, site));
    return path === undefined ? { none: true, machine: await this.machine() } : this.open(path, expected, site);
  }

  async look(server: NamedServer): Promise<readonly HostCheck[]> {
    const { byIdDir } = this.folders;
    const state: HostState = {
      machine: await this.machine(),
      hasFolder: await isThere(byIdDir),
      mayOpen: process.geteuid?.() === 0 || (await mayOpenDevices()),
    };
    return hostChecks(state, { server, byIdDir, description: this.description });
  }

  /** Where the links with the volume's serial lead to. Undefined: there is none yet. */
  private async find(expected: ExpectedDevice, site: CallSite): Promise<string | undefined> {
    const links = linkNames(expected.volume).map((name) => join(this.folders.byIdDir, name));
    const paths = await Promise.all(links.map((link) => realpath(link).catch(() => undefined)));
    const devices = [...new Set(paths.filter((path) => path !== undefined))];
    if (devices.length > 1) throw severalDevices(site, expected, devices);
    return devices[0];
  }

  private async open(path: string, expected: ExpectedDevice, site: CallSite): Promise<DeviceClaim> {
    const claim = await open(path, constants.O_RDWR | constants.O_EXCL).catch(({ code, message }: NodeJS.ErrnoException) => {
      throw cannotOpen(site, expected, { path, code, message, description: this.description });
    });
    try {
      const facts = await this.examine(path, claim);
      const wrong = wrongWith(facts, expected);
      if (wrong !== undefined) throw notTheVolume(site, expected, path, wrong);
      const driver = facts.kind === 'file' ? 'file' : 'host_device';
      return { block: { driver, path }, close: () => claim.close() };
    } catch (error) {
      await claim.close();
      throw error;
    }
  }

  private async examine(path: string, claim: FileHandle): Promise<DeviceFacts> {
    const stat = await claim.stat();
    if (stat.isFile()) return { kind: 'file', bytes: stat.size };
    if (!stat.isBlockDevice()) return { kind: 'other' };
    const about = join(this.folders.sysDir, 'class/block', basename(path));
    return {
      kind: 'block',
      about,
      number: deviceNumber(stat.rdev),
      numberThere: await textOf(join(about, 'dev')),
      isPartition: await isThere(join(about, 'partition')),
      serial: await serialOf(about),
      bytes: Number(await textOf(join(about, 'size'))) * SECTOR,
    };
  }

  private async machine(): Promise<string | undefined> {
    return (await textOf(join(this.folders.sysDir, 'class/dmi/id/product_uuid')))?.toLowerCase();
  }
}

/** virtio-blk tells it as text; of SCSI disks there is vital product data page 0x80, which has a header of four bytes. */
async function serialOf(about: string): Promise<string | undefined> {
  const plain = await textOf(join(about, 'serial'));
  if (plain !== undefined) return plain;
  const page = await readFile(join(about, 'device/vpd_pg80')).catch(() => undefined);
  return page?.subarray(4).toString('latin1').trim();
}

const textOf = async (path: string): Promise<string | undefined> => (await readFile(path, 'utf8').catch(() => undefined))?.trim();

const may = (path: string, mode?: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  );

const isThere = (path: string): Promise<boolean> => may(path);

async function mayOpenDevices(): Promise<boolean> {
  const names = await readdir('/sys/class/block').catch(() => []);
  const rights = await Promise.all(names.map((name) => may(`/dev/${name}`, constants.R_OK | constants.W_OK)));
  return rights.includes(true);
}

/** `7:0`, from the number that stat gives (major in bits 8 to 19, minor in 0 to 7 and from 20 on). */
function deviceNumber(rdev: number): string {
  const [major, minor] = [(rdev >>> 8) & 0xfff, (rdev & 0xff) | ((rdev >>> 12) & 0xfff00)];
  return `${major}:${minor}`;
}
