import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDataDisk, makeWindowsGuest, type WindowsGuest } from '../guests/make.js';
import type { WorldConfig } from '../vcenter-sim/world-config.js';

const MiB = 2 ** 20;

export interface DemoGuests {
  readonly world: Omit<WorldConfig, 'users'>;
  /** Where virt-v2v finds drivers and programs for Windows. */
  readonly env: Readonly<Record<string, string>>;
}

/** Five VMs of a small shop, with disks whose content is known. */
export async function makeGuests(folder: string): Promise<DemoGuests> {
  const images = join(folder, 'images');
  await mkdir(images, { recursive: true });
  const data = { root: join(images, 'erp-root.raw'), data: join(images, 'erp-data.raw'), web: join(images, 'web.raw') };
  await makeDataDisk(data.root, { bytes: 512 * MiB, seed: 1, filledOfEight: 3 });
  await makeDataDisk(data.data, { bytes: 256 * MiB, seed: 2, filledOfEight: 2 });
  await makeDataDisk(data.web, { bytes: 384 * MiB, seed: 3, filledOfEight: 6 });
  const windows = await makeWindowsGuest(folder);
  return { world: worldOf(data, windows), env: windows.env };
}

function worldOf(
  disks: { readonly root: string; readonly data: string; readonly web: string },
  windows: WindowsGuest,
): DemoGuests['world'] {
  const linux = {
    guestId: 'debian12_64Guest',
    guestFullName: 'Debian GNU/Linux 12 (64-bit)',
    guestFamily: 'linuxGuest',
    cbtEnabled: true,
  };
  const nic = (last: string) => ({ mac: `00:50:56:aa:bb:${last}`, network: 'VM Network' });
  return {
    seed: 2026,
    // Answers cut after 16 areas and at 32 MiB: windows without any area occur in the middle of every disk.
    cbt: { maxExtents: 16, windowBytes: 32 * MiB, shuffle: true, overlap: true },
    datacenters: [
      {
        name: 'DC1',
        hosts: [{ name: 'esx1.example.com' }],
        datastores: [{ name: 'ds1' }],
        networks: [{ name: 'VM Network' }],
        vms: [
          {
            name: 'erp-db01',
            folder: 'erp',
            ...linux,
            nics: [nic('01')],
            disks: [{ content: { file: disks.root } }, { content: { file: disks.data } }],
          },
          {
            name: 'win-fs1',
            folder: 'files',
            ...windows.vm,
            cbtEnabled: false,
            nics: [nic('02')],
            disks: [{ content: { file: windows.image } }],
          },
          {
            name: 'legacy-app',
            folder: 'apps',
            ...linux,
            nics: [nic('03')],
            disks: [
              { capacityBytes: 64 * MiB, content: { pattern: { seed: 4, dataRatio: 0.2 } } },
              { capacityBytes: 64 * MiB, mode: 'independent_persistent', content: { pattern: { seed: 5, dataRatio: 0.2 } } },
            ],
          },
          {
            name: 'mail-01',
            folder: 'apps',
            ...linux,
            nics: [nic('04')],
            disks: [{ capacityBytes: 64 * MiB, content: { pattern: { seed: 6, dataRatio: 0.2 } } }],
          },
          { name: 'web-03', folder: 'web', ...linux, nics: [nic('05')], disks: [{ content: { file: disks.web } }] },
        ],
      },
    ],
  };
}
