import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

export type DeviceKind = 'loop' | 'file';

export interface HostDevicesOptions {
  /** Made if absent. */
  readonly byIdDir: string;
  /** For files that stand in for devices of a wrong size. */
  readonly folder: string;
  /** `loop` needs a kernel with loop devices and the right to use them. */
  readonly kind: DeviceKind;
}

/** virtio carries no more of a serial. */
const SERIAL_LENGTH = 20;

/** What the kernel and udev of the conversion host would show of the volumes that are attached to it. */
export class HostDevices {
  private readonly shown = new Map<string, () => void>();
  constructor(private readonly options: HostDevicesOptions) {
    mkdirSync(options.byIdDir, { recursive: true });
  }

  /** A disk named for its serial appears; `missingBytes` at its end are cut off. */
  add(volumeId: string, file: string, { missingBytes = 0 }: { readonly missingBytes?: number } = {}): void {
    this.remove(volumeId);
    const shown = missingBytes === 0 ? file : shorter(file, join(this.options.folder, `short-${volumeId}`), missingBytes);
    const device = this.options.kind === 'loop' ? loopOver(shown) : shown;
    const link = join(this.options.byIdDir, `virtio-${volumeId.slice(0, SERIAL_LENGTH)}`);
    rmSync(link, { force: true });
    symlinkSync(device, link);
    this.shown.set(volumeId, () => {
      rmSync(link, { force: true });
      if (device !== shown) execFileSync('losetup', ['--detach', device]);
      if (shown !== file) rmSync(shown, { force: true });
    });
  }

  /** One that is not there is gone. */
  remove(volumeId: string): void {
    this.shown.get(volumeId)?.();
    this.shown.delete(volumeId);
  }

  close(): void {
    for (const volumeId of [...this.shown.keys()]) this.remove(volumeId);
  }
}

const loopOver = (file: string): string => execFileSync('losetup', ['--find', '--show', file], { encoding: 'utf8' }).trim();

function shorter(file: string, to: string, missingBytes: number): string {
  const descriptor = openSync(to, 'w');
  ftruncateSync(descriptor, statSync(file).size - missingBytes);
  closeSync(descriptor);
  return to;
}

/** Tries it: the kernel may have no loop devices, and not everybody may use them. */
export function bestDeviceKind(folder: string): DeviceKind {
  const file = join(folder, 'loop-try');
  try {
    const descriptor = openSync(file, 'w');
    ftruncateSync(descriptor, 1024 * 1024);
    closeSync(descriptor);
    const device = execFileSync('losetup', ['--find', '--show', file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const isUsable = statSync(device.trim()).isBlockDevice();
    execFileSync('losetup', ['--detach', device.trim()]);
    return isUsable ? 'loop' : 'file';
  } catch {
    return 'file';
  } finally {
    rmSync(file, { force: true });
  }
}
