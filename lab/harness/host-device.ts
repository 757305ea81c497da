import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, open, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bestDeviceKind, type DeviceKind } from '../openstack-sim/compute/host-devices.js';

/** A block device (a loop device where the kernel has them, else a file) named for a serial, as udev names a volume. */
export class HostDevice implements AsyncDisposable {
  private constructor(
    readonly folder: string,
    readonly kind: DeviceKind,
    /** What the link leads to. */
    readonly path: string,
  ) {}

  static async create(volume: string, size: number): Promise<HostDevice> {
    const folder = await mkdtemp(join(tmpdir(), 'device-'));
    const kind = bestDeviceKind(folder);
    const file = join(folder, 'backing');
    await using handle = await open(file, 'w');
    await handle.truncate(size);
    const path = kind === 'file' ? file : execFileSync('losetup', ['--find', '--show', file], { encoding: 'utf8' }).trim();
    await mkdir(join(folder, 'by-id'));
    await symlink(path, join(folder, 'by-id', `virtio-${volume.slice(0, 20)}`));
    return new HostDevice(folder, kind, path);
  }

  get byIdDir(): string {
    return join(this.folder, 'by-id');
  }

  /** The file behind the device: what is durable. */
  get backing(): string {
    return join(this.folder, 'backing');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.kind === 'loop') execFileSync('losetup', ['--detach', this.path]);
    await rm(this.folder, { recursive: true, force: true });
  }
}
