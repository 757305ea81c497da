import { PARTITION_OFFSET } from './partition-table.js';
import type { RegistryKey } from './registry-hive.js';

/** Mark in the partition table, by which MountedDevices knows drive C, with where its partition starts. */
export const DISK_SIGNATURE = 0x4d50_4c4e;

function driveC(): Buffer {
  const id = Buffer.alloc(12);
  id.writeUInt32LE(DISK_SIGNATURE, 0);
  id.writeBigUInt64LE(BigInt(PARTITION_OFFSET), 4);
  return id;
}

const bootDriver = (name: string) => ({ values: { Start: 0, ImagePath: { expand: `system32\\drivers\\${name}.sys` } } });

/** HKLM\SYSTEM of a server that boots from VMware's paravirtual SCSI. */
export const systemHive = (hostname: string): RegistryKey => ({
  keys: {
    Select: { values: { Current: 1, Default: 1, Failed: 0, LastKnownGood: 1 } },
    MountedDevices: { values: { '\\DosDevices\\C:': driveC() } },
    ControlSet001: {
      keys: {
        Control: { keys: { CrashControl: { values: { AutoReboot: 1 } }, CriticalDeviceDatabase: {} } },
        Services: {
          keys: { pvscsi: bootDriver('pvscsi'), Tcpip: { keys: { Parameters: { values: { Hostname: hostname } } } } },
        },
      },
    },
    DriverDatabase: { keys: { DriverInfFiles: {}, DriverPackages: {}, DeviceIds: { keys: { PCI: {} } } } },
  },
});

const VMWARE_TOOLS = '{6A1C0F4E-2B5D-4E0A-9C37-5D0B8E21F7A4}';

const currentVersion: RegistryKey = {
  values: {
    ProductName: 'Windows Server 2019 Standard',
    CurrentVersion: '6.3',
    CurrentMajorVersionNumber: 10,
    CurrentMinorVersionNumber: 0,
    CurrentBuildNumber: '17763',
    InstallationType: 'Server',
    EditionID: 'ServerStandard',
  },
};

const vmwareTools: RegistryKey = {
  values: {
    DisplayName: 'VMware Tools',
    DisplayVersion: '12.3.5',
    Publisher: 'VMware, Inc.',
    UninstallString: `MsiExec.exe /I${VMWARE_TOOLS}`,
  },
};

/** HKLM\SOFTWARE of Windows Server 2019 with VMware Tools, whose removal is part of a conversion. */
export const softwareHive = (): RegistryKey => ({
  keys: {
    Microsoft: {
      keys: {
        'Windows NT': { keys: { CurrentVersion: currentVersion } },
        Windows: {
          keys: {
            CurrentVersion: {
              values: { DevicePath: { expand: '%SystemRoot%\\inf' }, ProgramFilesDir: 'C:\\Program Files' },
              keys: { Uninstall: { keys: { [VMWARE_TOOLS]: vmwareTools } } },
            },
          },
        },
      },
    },
  },
});
