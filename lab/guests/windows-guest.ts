import { join } from 'node:path';
import { makeVirtioWin, makeVirtTools } from './driver-kits.js';
import { emulatedAppliance } from './emulated.js';
import { makeWindowsDisk } from './windows-disk.js';

/** A Windows to migrate, and what converting it takes. */
export interface WindowsGuest {
  /** Of its VM, what vCenter says of the guest. */
  readonly vm: { readonly guestId: string; readonly guestFullName: string; readonly guestFamily: string };
  /** Raw file of the disk that it boots from. */
  readonly image: string;
  /** Where virt-v2v finds drivers and programs. The appliance is emulated: libguestfs would wait for a KVM that does not work. */
  readonly env: Readonly<Record<string, string>>;
}

/** Makes all of it in the folder, which must be there. */
export async function makeWindowsGuest(folder: string, disk?: Parameters<typeof makeWindowsDisk>[1]): Promise<WindowsGuest> {
  const [image, drivers, tools] = [join(folder, 'win.raw'), join(folder, 'virtio-win'), join(folder, 'virt-tools')];
  await makeWindowsDisk(image, disk);
  await makeVirtioWin(drivers);
  await makeVirtTools(tools);
  return {
    vm: {
      guestId: 'windows2019srv_64Guest',
      guestFullName: 'Microsoft Windows Server 2019 (64-bit)',
      guestFamily: 'windowsGuest',
    },
    image,
    env: { VIRTIO_WIN: drivers, VIRT_TOOLS_DATA_DIR: tools, ...emulatedAppliance },
  };
}
