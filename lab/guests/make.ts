/** The disks and driver kits that the demo and the tests migrate. */
export { makeConversionHostDisk } from './conversion-host-disk.js';
export { makeDataDisk } from './data-disk.js';
export { makeVirtioWin, makeVirtTools } from './driver-kits.js';
export { makePhotonDisk } from './photon-disk.js';
export { makeLinuxDisk } from './vmware-debian.js';
export { makeWindowsDisk } from './windows-disk.js';
export { makeWindowsGuest, type WindowsGuest } from './windows-guest.js';
