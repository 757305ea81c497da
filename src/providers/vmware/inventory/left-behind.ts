import type { NotCarried } from '../../../model/observed-source.js';
import { own } from '../../../model/own.js';
import type { Vim } from '../wsdl/vim.js';

type Device = Vim<'VirtualDevice'>;

const carriedDevices = ['VirtualDisk', 'VirtualEthernetCard', 'VirtualVmxnet', 'VirtualVmxnet2', 'VirtualVmxnet3'] as const;
const carriedCards = ['VirtualE1000', 'VirtualE1000e', 'VirtualPCNet32'] as const;

/** Parts of every VM, and controllers: what hangs on them counts. */
const boardDevices = [
  ...['VirtualController', 'VirtualIDEController', 'VirtualPCIController', 'VirtualPS2Controller', 'VirtualSIOController'],
  ...['VirtualSCSIController', 'ParaVirtualSCSIController', 'VirtualLsiLogicController', 'VirtualLsiLogicSASController'],
  ...['VirtualBusLogicController', 'VirtualSATAController', 'VirtualAHCIController', 'VirtualNVMEController'],
  ...['VirtualNVDIMMController', 'VirtualUSBController', 'VirtualUSBXHCIController', 'VirtualKeyboard', 'VirtualPointingDevice'],
  ...['VirtualMachineVideoCard', 'VirtualMachineVMCIDevice', 'VirtualDevice'],
] as const;

const toldDevices: Readonly<Record<string, string>> = {
  VirtualCdrom: 'the server has no such drive',
  VirtualFloppy: 'the server has no such drive',
  VirtualSerialPort: 'OpenStack has a console of its own',
  VirtualParallelPort: 'there is none on the target',
  VirtualPCIPassthrough: 'the hardware of the host stays behind',
  VirtualSCSIPassthrough: 'the hardware of the host stays behind',
  VirtualUSB: 'the hardware of the host stays behind',
  VirtualSriovEthernetCard: 'the target gets a normal port',
  VirtualSoundCard: 'there is none on the target',
  VirtualEnsoniq1371: 'there is none on the target',
  VirtualHdAudioCard: 'there is none on the target',
  VirtualSoundBlaster16: 'there is none on the target',
  VirtualTPM: 'its content cannot be moved: what is sealed with it, such as BitLocker keys, cannot be opened',
  VirtualWDT: 'there is none on the target',
  VirtualPrecisionClock: 'there is none on the target',
  VirtualNVDIMM: 'persistent memory is not copied',
};

/** Every type of device that vSphere 8 has is in exactly one of these. */
export const deviceLists = {
  carried: [...carriedDevices, ...carriedCards] as readonly string[],
  notApplicable: boardDevices as readonly string[],
  told: Object.keys(toldDevices) as readonly string[],
};

/** Devices that the target will not have, in the order of the VM; one of a type that is not known is told too. */
export function devicesLeftBehind(devices: readonly Device[]): NotCarried[] {
  return devices.flatMap(({ $type, key, deviceInfo }): NotCarried[] => {
    if (deviceLists.carried.includes($type) || deviceLists.notApplicable.includes($type)) return [];
    const note = own(toldDevices, $type) ?? 'this migplan does not know such devices';
    const value = [deviceInfo?.label ?? `device ${key}`, deviceInfo?.summary ?? ''].filter((text) => text !== '').join(', ');
    return [{ of: 'VM', property: $type, value, note }];
  });
}
