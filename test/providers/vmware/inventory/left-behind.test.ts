import { expect, test } from 'vitest';
import { deviceLists, devicesLeftBehind } from '../../../../src/providers/vmware/inventory/left-behind.js';
import { deviceTypes } from '../../../../src/providers/vmware/wsdl/device-types.js';

/** Those that our own tables of types know. */
const ours = Object.keys(deviceTypes).filter((name) => /^(Para)?Virtual/.test(name) && !/Backing|ConnectInfo$/.test(name));

// Every type of virtual device in the vSphere 8 API reference, told apart from the tables.
const reference = `ParaVirtualSCSIController VirtualAHCIController VirtualBusLogicController VirtualCdrom VirtualController VirtualDevice VirtualDisk
  VirtualE1000 VirtualE1000e VirtualEnsoniq1371 VirtualEthernetCard VirtualFloppy VirtualHdAudioCard VirtualIDEController VirtualKeyboard
  VirtualLsiLogicController VirtualLsiLogicSASController VirtualMachineVMCIDevice VirtualMachineVideoCard VirtualNVDIMM
  VirtualNVDIMMController VirtualNVMEController VirtualPCIController VirtualPCIPassthrough VirtualPCNet32 VirtualPS2Controller
  VirtualParallelPort VirtualPointingDevice VirtualPrecisionClock VirtualSATAController VirtualSCSIController VirtualSCSIPassthrough
  VirtualSIOController VirtualSerialPort VirtualSoundBlaster16 VirtualSoundCard VirtualSriovEthernetCard VirtualTPM VirtualUSB
  VirtualUSBController VirtualUSBXHCIController VirtualVmxnet VirtualVmxnet2 VirtualVmxnet3 VirtualWDT`;

test.each([...new Set([...reference.trim().split(/\s+/), ...ours])])('%s is in exactly one list', (type) => {
  expect(Object.values(deviceLists).filter((list) => list.includes(type))).toHaveLength(1);
});

test('a floppy, a passed through card and a device that nobody knows are told with their labels', () => {
  const device = (type: string, key: number, label: string, summary: string) => ({
    $type: type,
    key,
    deviceInfo: { $type: 'Description', label, summary },
  });
  const found = devicesLeftBehind([
    device('VirtualPCIController', 100, 'PCI controller 0', ''),
    device('VirtualFloppy', 8000, 'Floppy drive 1', 'Remote'),
    device('VirtualPCIPassthrough', 13000, 'PCI device 0', 'NVIDIA A40'),
    device('VirtualQuantumCard', 14000, 'Quantum card', ''),
  ] as unknown as Parameters<typeof devicesLeftBehind>[0]);
  expect(found.map(({ property, value }) => `${property} = ${value}`)).toEqual([
    'VirtualFloppy = Floppy drive 1, Remote',
    'VirtualPCIPassthrough = PCI device 0, NVIDIA A40',
    'VirtualQuantumCard = Quantum card',
  ]);
});
