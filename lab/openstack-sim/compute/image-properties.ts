import { badRequest } from '../wire/message.js';

/** Image properties whose values nova-api knows. The machine type is not among them: any text passes here. */
const knownValues: Readonly<Record<string, readonly string[]>> = {
  hw_disk_bus: ['fdc', 'ide', 'lxc', 'sata', 'scsi', 'uml', 'usb', 'virtio', 'xen'],
  hw_cdrom_bus: ['fdc', 'ide', 'lxc', 'sata', 'scsi', 'uml', 'usb', 'virtio', 'xen'],
  hw_firmware_type: ['bios', 'uefi'],
  hw_scsi_model: ['buslogic', 'ibmvscsi', 'lsilogic', 'lsisas1068', 'lsisas1078', 'virtio-scsi', 'vmpvscsi'],
  hw_vif_model: [
    'e1000',
    'e1000e',
    'lan9118',
    'ne2k_pci',
    'netfront',
    'pcnet',
    'rtl8139',
    'spapr-vlan',
    'virtio',
    'vmxnet3',
    'igb',
  ],
  hw_video_model: ['vga', 'cirrus', 'vmvga', 'xen', 'qxl', 'gop', 'virtio', 'none', 'bochs'],
  os_secure_boot: ['required', 'disabled', 'optional'],
};

/** nova-api's check of the root volume's image metadata at POST /servers. */
export function checkImageProperties(properties: ReadonlyMap<string, string>, flavorRamMiB: number): void {
  for (const [key, value] of properties) {
    if (knownValues[key]?.includes(value.toLowerCase()) === false) {
      throw badRequest(`Invalid image metadata. Error: Field value ${value} is invalid`);
    }
  }
  if (Number(properties.get('min_ram') ?? 0) > flavorRamMiB) {
    throw badRequest("Flavor's memory is too small for requested image.");
  }
}
