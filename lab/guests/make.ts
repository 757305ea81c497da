/** The disks and driver kits that the demo and the tests migrate. */
export { type DataDisk, makeDataDisk } from './data-disk.js';
export { makeVirtioWin, makeVirtTools } from './driver-kits.js';
export { makeWindowsDisk, type WindowsDisk } from './windows-disk.js';
