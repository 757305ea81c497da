import type { AddressPair, NameMapping } from '../../model/desired.js';
import { GiB } from '../../model/ids.js';
import { followsFromMac } from '../../model/ip-network.js';
import type { ObservedNic, ObservedVm, OpenStackGuest } from '../../model/observed-source.js';
import { own } from '../../model/own.js';
import { byName } from '../../model/same-name.js';

/** A NIC as a manifest asks for it; what is absent is left out of the file. */
export interface DraftNic {
  readonly network: string;
  /** Another one than the source's. */
  readonly mac?: string;
  readonly fixedIps?: readonly string[];
  readonly securityGroups?: readonly string[];
  readonly allowedAddressPairs?: readonly AddressPair[];
  readonly portSecurity?: false;
}

export interface DraftServer {
  readonly flavor: string;
  readonly nics: readonly DraftNic[];
  readonly securityGroups: readonly string[];
  readonly keyName?: string;
  readonly availabilityZone?: string;
  /** These three when they are to be what the file says, whatever the source has. */
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
}

/** What is known of a VM that a Migration is to be written for. Whatever a person may want to change is a field. */
export interface MigrationDraft {
  /** As the source calls it; not yet fit for metadata.name. */
  readonly name: string;
  /** Provider in the Project; absent: the Project's defaults name it. */
  readonly provider?: string;
  readonly selector: { readonly server: string } | { readonly instanceUuid: string };
  readonly volumeType?: string;
  /** Of the volumes. */
  readonly availabilityZone?: string;
  readonly server?: DraftServer;
  /** As hwMachineType is written, and where it comes from. */
  readonly machineType: { readonly value: string; readonly why: string };
  readonly imageMetadata?: Readonly<Record<string, string>>;
  /** Sentences for the reader of the file. */
  readonly notes: readonly string[];
  /** What stood in the file that it was made from, and has no place in a manifest: `field: value`. */
  readonly leftOut?: readonly string[];
}

export interface DraftOptions {
  readonly provider: string;
  /** The field of spec.source for a VM that is in no cloud. */
  readonly selectedBy?: 'instanceUuid' | 'server';
  /** The Project's; explicit names in a manifest are those of the destination. */
  readonly mapping?: Partial<NameMapping>;
}

/** HW1: the machine type stands in the file, whatever it was read from, so that it can be reviewed and edited. */
export function draftOf(vm: ObservedVm, { provider, mapping = {}, selectedBy = 'instanceUuid' }: DraftOptions): MigrationDraft {
  const common = { name: vm.name, provider, notes: notesOf(vm) };
  if (vm.openstackGuest === undefined) {
    const selector = selectedBy === 'server' ? { server: vm.name } : { instanceUuid: vm.instanceUuid };
    return { ...common, selector, machineType: typeWithoutCloud(vm) };
  }
  return {
    ...common,
    selector: { server: vm.instanceUuid },
    machineType: recordedType(vm.openstackGuest),
    server: serverOf(vm, vm.openstackGuest, mapping),
  };
}

function typeWithoutCloud({ traits, machineType, firmware }: ObservedVm): MigrationDraft['machineType'] {
  if (traits.conversion === 'none' && machineType !== undefined) return { value: machineType, why: 'named by the source' };
  return firmware === 'efi'
    ? { value: 'q35', why: 'the source boots by UEFI' }
    : { value: 'pc', why: 'the source boots by BIOS' };
}

const recordedBy = {
  volume: 'on the boot volume',
  image: "on the boot volume's image",
  server: 'by Nova when the server was first booted',
} as const;

function recordedType({ machineType }: OpenStackGuest): MigrationDraft['machineType'] {
  if (machineType === undefined) {
    return {
      value: 'preserve',
      why: 'no volume or image records one; older clouds booted such servers with pc, their default (export --deep tells)',
    };
  }
  return { value: machineType.value, why: `recorded ${recordedBy[machineType.from]}` };
}

/** All that a plan would take from the source, written out to be reviewed: what is listed for a NIC is all that it gets. */
function serverOf(vm: ObservedVm, openstackGuest: OpenStackGuest, mapping: Partial<NameMapping>): DraftServer {
  const { flavors = {}, keyPairs = {} } = mapping;
  const { keyName } = openstackGuest;
  const nics = vm.nics.map((nic) => nicOf(nic, mapping));
  const groups = nics.map(({ securityGroups }) => securityGroups);
  const areSame = groups.every((names) => names !== undefined && names.join(',') === groups[0]?.join(','));
  return {
    flavor: own(flavors, openstackGuest.flavor) ?? openstackGuest.flavor,
    nics: areSame ? nics.map(({ securityGroups: _, ...nic }) => nic) : nics,
    securityGroups: areSame
      ? (groups[0] ?? [])
      : groups.every((names) => names === undefined)
        ? openstackGuest.securityGroups
        : [],
    ...(keyName === undefined ? {} : { keyName: own(keyPairs, keyName) ?? keyName }),
  };
}

function nicOf(
  { network, mac, addresses, port }: ObservedNic,
  { networks = {}, securityGroups = {} }: Partial<NameMapping>,
): DraftNic {
  const name = (known: Readonly<Record<string, string>>, wanted: string): string => byName(known, wanted) ?? wanted;
  const pairs = port?.allowedAddressPairs ?? [];
  return {
    network: name(networks, network),
    // What follows from the MAC address cannot be asked for, and comes by itself.
    ...(addresses === undefined ? {} : { fixedIps: addresses.filter((address) => !followsFromMac(address, mac)) }),
    ...(port === undefined || !port.portSecurity
      ? {}
      : { securityGroups: port.securityGroups.map((group) => name(securityGroups, group)) }),
    ...(pairs.length === 0 ? {} : { allowedAddressPairs: pairs }),
    ...(port?.portSecurity === false ? { portSecurity: false } : {}),
  };
}

const notesOf = (vm: ObservedVm): string[] => [
  ...vm.disks.map(({ label, capacity, unsupported }) => {
    const problem = unsupported === undefined ? '' : `; cannot be migrated: ${unsupported}`;
    return `${label}, ${Math.ceil(capacity / GiB)} GiB${problem}`;
  }),
  ...vm.obstacles.map((why) => `Not now: ${why}`),
];
