import type { VmConfig, WorldConfig } from '../vcenter-sim/world-config.js';

const MiB = 2 ** 20;

export interface SmallVm extends Omit<Partial<VmConfig>, 'disks'> {
  readonly name: string;
  /** MiB of each disk. Default: one of 8. */
  readonly disksMiB?: readonly number[];
  /** Share of each disk that holds data. Default 0.5; 0 makes a disk of any size cost nothing. */
  readonly dataRatio?: number;
  readonly disks?: VmConfig['disks'];
}

/** One datacenter of small Linux guests, tracked and running unless a row says otherwise; a VM is /DC1/vm/NAME. */
export function smallWorld(vms: readonly SmallVm[]): Omit<WorldConfig, 'users'> {
  return {
    seed: 4711,
    cbt: { maxExtents: 16, windowBytes: 2 * MiB, shuffle: true, overlap: true },
    datacenters: [
      {
        name: 'DC1',
        hosts: [{ name: 'esx1.example.com' }],
        datastores: [{ name: 'ds1' }],
        networks: [{ name: 'VM Network' }],
        vms: vms.map(vmConfig),
      },
    ],
  };
}

function vmConfig({ disksMiB = [8], dataRatio = 0.5, disks, ...rest }: SmallVm, index: number): VmConfig {
  const ending = (index + 1).toString(16).padStart(2, '0');
  return {
    guestId: 'debian12_64Guest',
    guestFullName: 'Debian GNU/Linux 12 (64-bit)',
    guestFamily: 'linuxGuest',
    cbtEnabled: true,
    nics: [{ mac: `00:50:56:bb:00:${ending}`, network: 'VM Network' }],
    ...rest,
    disks:
      disks ??
      disksMiB.map((size, disk) => ({
        capacityBytes: size * MiB,
        ...(dataRatio === 0 ? {} : { content: { pattern: { seed: 100 * index + disk + 1, dataRatio } } }),
      })),
  };
}
