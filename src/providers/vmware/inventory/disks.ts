import { parseChangeId } from '../../../model/change-id.js';
import { diskKey } from '../../../model/ids.js';
import type { DiskSlot, ObservedDisk } from '../../../model/observed-source.js';
import { isA } from '../properties.js';
import { safeBytes } from '../soap/read-scalar.js';
import type { Vim } from '../wsdl/vim.js';
import { type DiskBacking, readBacking } from './disk-backing.js';

type Device = Vim<'VirtualDevice'>;
type Disk = Vim<'VirtualDisk'>;

const KIB = 1024;
const BUS_ORDER: readonly DiskSlot['bus'][] = ['scsi', 'sata', 'nvme', 'ide', 'other'];

/** A disk with its backing and slot, before it is said in the model's words. */
export interface AttachedDisk {
  readonly device: Disk;
  readonly backing: DiskBacking;
  readonly slot: DiskSlot;
  /** Bytes. */
  readonly capacity: number;
}

/**
 * The disks among devices, in guest order. Slots come from controllerKey and unitNumber: a disk's own key tells nothing.
 */
export function attachedDisks(devices: readonly Device[]): AttachedDisk[] {
  const controllers = new Map(devices.filter((device) => isA(device, 'VirtualController')).map((device) => [device.key, device]));
  return devices
    .filter((device) => isA(device, 'VirtualDisk'))
    .map((device) => {
      const controller = controllers.get(device.controllerKey ?? -1);
      const capacity = capacityOf(device);
      const backing = withBus(readBacking(device.backing), controller);
      return {
        device,
        backing: capacity > 0 ? backing : { ...backing, unsupported: `has ${capacity} bytes, says vCenter` },
        slot: slotOf(device, controller),
        capacity: Math.max(0, capacity),
      };
    })
    .sort((a, b) => compareSlots(a.slot, b.slot));
}

export function toObservedDisk({ device, backing, slot, capacity }: AttachedDisk): ObservedDisk {
  const changeId = backing.changeId === undefined ? undefined : parseChangeId(backing.changeId);
  return {
    key: diskKey(device.key),
    label: device.deviceInfo?.label ?? `disk ${device.key}`,
    uuid: backing.uuid,
    capacity,
    slot,
    inSnapshots: backing.inSnapshots,
    ...(backing.unsupported === undefined ? {} : { unsupported: backing.unsupported }),
    ...(changeId === undefined ? {} : { changeId }),
  };
}

type Controller = Vim<'VirtualController'>;

function slotOf(device: Disk, controller: Controller | undefined): DiskSlot {
  return { bus: busOf(controller), controller: controller?.busNumber ?? 0, unit: device.unitNumber ?? 0 };
}

function busOf(controller: Controller | undefined): DiskSlot['bus'] {
  if (isA(controller, 'VirtualSCSIController')) return 'scsi';
  if (isA(controller, 'VirtualSATAController')) return 'sata';
  if (isA(controller, 'VirtualNVMEController')) return 'nvme';
  if (isA(controller, 'VirtualIDEController')) return 'ide';
  return 'other';
}

const compareSlots = (a: DiskSlot, b: DiskSlot): number =>
  BUS_ORDER.indexOf(a.bus) - BUS_ORDER.indexOf(b.bus) || a.controller - b.controller || a.unit - b.unit;

/** vSphere takes no snapshots of VMs whose disks hang on a shared bus. */
function withBus(backing: DiskBacking, controller: Controller | undefined): DiskBacking {
  const isBus = isA(controller, 'VirtualSCSIController') || isA(controller, 'VirtualNVMEController');
  const sharing = isBus ? controller.sharedBus : undefined;
  if (sharing === undefined || sharing === 'noSharing' || backing.unsupported !== undefined) return backing;
  return { ...backing, unsupported: `hangs on a bus that is shared with other VMs (${sharing})` };
}

function capacityOf({ capacityInBytes, capacityInKB }: Disk): number {
  if (capacityInBytes !== undefined) return safeBytes(capacityInBytes, 'capacityInBytes');
  return safeBytes(capacityInKB, 'capacityInKB') * KIB;
}
