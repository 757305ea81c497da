import type { NameMapping } from '../model/desired.js';
import type { CloudGuest, ObservedVm } from '../model/observed.js';
import { own } from '../model/own.js';

/** A NIC as a manifest asks for it. */
export interface DraftNic {
  readonly network: string;
  readonly mac?: string;
  readonly fixedIp?: string;
}

/** What is known of a VM that a Migration is to be written for. Whatever a person may want to change is a field. */
export interface MigrationDraft {
  /** As the source calls it; not yet fit for metadata.name. */
  readonly name: string;
  /** Provider in the Project; absent: the Project's defaults name it. */
  readonly provider?: string;
  readonly selector: { readonly server: string } | { readonly instanceUuid: string };
  readonly server?: {
    readonly flavor: string;
    readonly nics: readonly DraftNic[];
    readonly securityGroups: readonly string[];
    readonly keyName?: string;
  };
  /** As hwMachineType is written, and where it comes from. */
  readonly machineType: { readonly value: string; readonly why: string };
  readonly imageMetadata?: Readonly<Record<string, string>>;
  /** Sentences for the reader of the file. */
  readonly notes: readonly string[];
}

export interface DraftOptions {
  readonly provider: string;
  /** The Project's; explicit names in a manifest are those of the destination. */
  readonly mapping?: Partial<NameMapping>;
}

/** HW1: the machine type stands in the file, whatever it was read from, so that it can be reviewed and edited. */
export function draftOf(vm: ObservedVm, { provider, mapping = {} }: DraftOptions): MigrationDraft {
  const common = { name: vm.name, provider, notes: notesOf(vm) };
  if (vm.cloud === undefined) {
    const value = vm.firmware === 'efi' ? 'q35' : 'pc';
    const why = `the source boots by ${vm.firmware === 'efi' ? 'UEFI' : 'BIOS'}`;
    return { ...common, selector: { instanceUuid: vm.instanceUuid }, machineType: { value, why } };
  }
  return {
    ...common,
    selector: { server: vm.instanceUuid },
    machineType: recordedType(vm.cloud),
    server: serverOf(vm, vm.cloud, mapping),
  };
}

const recordedBy = {
  volume: 'on the boot volume',
  image: "on the boot volume's image",
  server: 'by Nova when the server was first booted',
} as const;

function recordedType({ machineType }: CloudGuest): MigrationDraft['machineType'] {
  if (machineType === undefined) {
    return {
      value: 'preserve',
      why: 'no volume or image records one; older clouds booted such servers with pc, their default (export --deep tells)',
    };
  }
  return { value: machineType.value, why: `recorded ${recordedBy[machineType.from]}` };
}

function serverOf(vm: ObservedVm, cloud: CloudGuest, { flavors = {}, networks = {}, keyPairs = {} }: Partial<NameMapping>) {
  const { keyName } = cloud;
  return {
    flavor: own(flavors, cloud.flavor) ?? cloud.flavor,
    nics: vm.nics.map(({ network, mac, addresses = [] }): DraftNic => {
      const fixedIp = addresses.find((address) => !address.includes(':')) ?? addresses[0];
      return { network: own(networks, network) ?? network, mac, ...(fixedIp === undefined ? {} : { fixedIp }) };
    }),
    securityGroups: cloud.securityGroups,
    ...(keyName === undefined ? {} : { keyName: own(keyPairs, keyName) ?? keyName }),
  };
}

const notesOf = (vm: ObservedVm): string[] => [
  ...vm.disks.map(({ label, capacity, unsupported }) => {
    const problem = unsupported === undefined ? '' : `; cannot be migrated: ${unsupported}`;
    return `${label}, ${Math.ceil(capacity / 2 ** 30)} GiB${problem}`;
  }),
  ...vm.obstacles.map((why) => `Not now: ${why}`),
];
