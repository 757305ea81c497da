import type { Cloud } from '../cloud.js';
import type { GuestDisk, GuestDomain, GuestInterface, Server } from './model.js';

/** For a volume that names no machine type. */
const DEFAULT_MACHINE_TYPE = 'pc';
/** What libvirt makes of them. */
const ALIASES: Readonly<Record<string, string>> = { pc: 'pc-i440fx-7.2', q35: 'pc-q35-7.2' };

/** The domain the hypervisor would get, or undefined when it cannot run such a guest. */
export function composeGuest(cloud: Cloud, server: Server): GuestDomain | undefined {
  const { hypervisor } = cloud.compute;
  const root = rootVolume(cloud, server);
  const properties = root?.imageMetadata ?? new Map<string, string>();
  const asked = properties.get('hw_machine_type') ?? DEFAULT_MACHINE_TYPE;
  if (!hypervisor.machineTypes.includes(asked)) return undefined;
  const machineType = ALIASES[asked] ?? asked;
  if (isQ35(machineType) && server.volumes.some(({ bus }) => bus === 'ide')) return undefined;
  return {
    builtWith: new Map(properties).set('hw_machine_type', asked),
    machineType,
    firmware: properties.get('hw_firmware_type') === 'uefi' ? 'uefi' : 'bios',
    secureBoot: properties.get('os_secure_boot') === 'required',
    osType: properties.get('os_type') ?? null,
    guestAgent: ['yes', 'true'].includes(properties.get('hw_qemu_guest_agent') ?? ''),
    vcpus: server.flavor.vcpus,
    memoryMiB: server.flavor.ramMiB,
    disks: server.volumes.map((volume) => guestDisk(cloud, volume)),
    interfaces: interfacesOf(cloud, server, properties.get('hw_vif_model') ?? 'virtio'),
  };
}

export const isQ35 = (machineType: string): boolean => machineType.includes('q35');

export const rootVolume = (cloud: Cloud, { volumes }: Server) =>
  cloud.block.volumes.get(volumes.find(({ bootIndex }) => bootIndex === 0)?.volumeId ?? '');

export const guestDisk = (cloud: Cloud, { volumeId, device, bus, bootIndex }: Server['volumes'][number]): GuestDisk => ({
  device,
  bus,
  serial: volumeId,
  bootIndex,
  file: cloud.block.volumes.get(volumeId)?.file ?? '',
});

function interfacesOf(cloud: Cloud, server: Server, model: string): GuestInterface[] {
  return server.portIds.flatMap((portId) => {
    const port = cloud.networking.ports.get(portId);
    return port === undefined ? [] : [{ portId, networkId: port.networkId, macAddress: port.macAddress, model }];
  });
}

const prefixes: Readonly<Record<string, string>> = {
  virtio: 'vd',
  sata: 'sd',
  scsi: 'sd',
  usb: 'sd',
  ide: 'hd',
  fdc: 'fd',
  xen: 'xvd',
};

/** The next free kernel name on the bus: vda, vdb, …; a name the caller asks for is ignored. */
export function nextDevice(taken: readonly string[], bus: string): string {
  const prefix = prefixes[bus] ?? 'vd';
  const letters = [...'abcdefghijklmnopqrstuvwxyz'];
  const letter = letters.find((candidate) => !taken.includes(prefix + candidate));
  if (letter === undefined) throw new Error(`no device name left on bus ${bus}`);
  return prefix + letter;
}
