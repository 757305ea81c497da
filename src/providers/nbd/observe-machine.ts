import { diskKey, vmRef } from '../../model/ids.js';
import type { ObservedDisk, ObservedSnapshot, ObservedVm } from '../../model/observed-source.js';
import type { SourceTraits } from '../../model/source-traits.js';
import { uuidOf } from './content.js';
import type { LookedAt } from './look-at-disk.js';
import type { Machine, MachineDisk } from './machine.js';

/** Nothing is tracked, and nobody can be asked to shut anything down; networks are called as on the destination. */
const traitsOf = ({ conversion }: Machine): SourceTraits => ({
  tracking: 'none',
  conversion,
  shutdown: 'acpi',
  networks: 'target-names',
  opening: 'cheap',
});

export interface Looks {
  /** One for each disk, in their order. */
  readonly disks: readonly LookedAt[];
  readonly snapshots: readonly ObservedSnapshot[];
}

export function observedVm(machine: Machine, { disks, snapshots }: Looks): ObservedVm {
  const { name, uuid, firmware, secureBoot, machineType, cpus, memoryMiB, guest } = machine;
  const users = disks.flatMap(({ usedBy }) => usedBy ?? []);
  return {
    ref: vmRef(uuid),
    name,
    instanceUuid: uuid,
    power: users.length > 0 ? 'on' : 'off',
    obstacles: users.map((user) => `it is in use, and must be off: ${user}`),
    firmware,
    secureBoot,
    guest: { id: guest, fullName: guest, family: guest },
    toolsRunning: false,
    traits: traitsOf(machine),
    ...(machineType === undefined ? {} : { machineType }),
    cbt: { supported: false, enabled: false },
    snapshots,
    cpus,
    memoryMiB,
    nics: machine.nics.map(({ mac, network }, key) => ({ key, mac, network, model: '' })),
    disks: machine.disks.map((disk, index) => observedDisk(disk, disks[index]!, index)),
    bootDisk: machine.bootDisk ?? machine.disks[0]?.key ?? diskKey(0),
    bootDiskFrom: machine.bootDisk === undefined ? 'default' : 'boot-order',
  };
}

function observedDisk({ key, label, source }: MachineDisk, { capacity, content, problem }: LookedAt, unit: number): ObservedDisk {
  return {
    key,
    label,
    uuid: uuidOf(source),
    capacity,
    slot: { bus: 'other', controller: 0, unit },
    inSnapshots: true,
    ...(problem === undefined ? {} : { unsupported: problem }),
    ...(content === undefined ? {} : { changeId: content }),
  };
}
