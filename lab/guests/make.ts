/** The disks and driver kits that the demo and the tests migrate. */
export { makeDataDisk } from './data-disk.js';
export { makeVirtioWin, makeVirtTools } from './driver-kits.js';
export { makeLinuxDisk } from './linux-disk.js';
export { makeWindowsDisk } from './windows-disk.js';
