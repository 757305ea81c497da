import { execFile } from 'node:child_process';

/** As VMware offers disks, and as a cloud does. */
export type DiskBus = 'pvscsi' | 'virtio-blk';

const devices: Readonly<Record<DiskBus, readonly string[]>> = {
  pvscsi: ['-device', 'pvscsi,id=scsi', '-device', 'scsi-hd,bus=scsi.0,drive=disk'],
  'virtio-blk': ['-device', 'virtio-blk-pci,drive=disk'],
};

export interface Boot {
  readonly bus: DiskBus;
  readonly timeoutMs: number;
  /** Ends the machine when the console says this. */
  readonly until: RegExp;
}

/**
 * Boots a raw disk on an emulated `pc` machine, without network, and ends it when its serial console has said what is waited
 * for. The disk stays as it was.
 *
 * @returns all that the console said; rejects with its end when the time is over
 */
export function bootDisk(path: string, { bus, timeoutMs, until }: Boot): Promise<string> {
  const machine = ['-machine', 'pc,accel=tcg', '-m', '512', '-nodefaults', '-no-reboot', '-display', 'none', '-nic', 'none'];
  const drive = ['-drive', `if=none,id=disk,file=${path},format=raw,snapshot=on,cache=unsafe`];
  return new Promise((resolve, reject) => {
    const args = [...machine, '-serial', 'stdio', ...drive, ...devices[bus]];
    let log = '';
    let isSeen = false;
    const child = execFile('qemu-system-x86_64', args, { timeout: timeoutMs, maxBuffer: 2 ** 24 }, (error, _out, stderr) => {
      if (isSeen) resolve(log);
      else reject(new Error(`${until} is not on the console, which ends: ${log.slice(-1000)}\n${stderr}`, { cause: error }));
    });
    child.stdout?.on('data', (text: string) => {
      log += text;
      isSeen ||= until.test(log);
      if (isSeen) child.kill();
    });
  });
}
