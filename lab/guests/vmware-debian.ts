import { makeDebianDisk } from './linux-disk.js';
import type { LinuxGuest } from './linux-root.js';

const guest: LinuxGuest = {
  hostname: 'debian12',
  uuid: '6d706c6e-0000-4000-8000-000000000012',
  packages: [],
  // Drivers of the controllers that VMware offers and of nothing else. An initramfs of Debian's default would hold virtio
  // too, and boot anywhere without a conversion.
  filesBeforePackages: {
    'etc/initramfs-tools/conf.d/vmware': 'MODULES=list\n',
    'usr/share/initramfs-tools/modules.d/vmware': 'vmw_pvscsi\nata_piix\nahci\nsd_mod\next4\n',
  },
  files: {},
  // Console of the kernel, and by that of a login prompt: what a cloud keeps as the console log.
  parameters: 'console=tty0 console=ttyS0,115200',
  masked: [],
};

/**
 * Makes a raw disk with a Debian 12 guest as VMware leaves it: it boots to a login prompt on its serial console from VMware's
 * controllers, and not from virtio before it is converted. Needs what makeDebianDisk needs.
 */
export const makeLinuxDisk = (path: string): Promise<void> => makeDebianDisk(path, guest);
