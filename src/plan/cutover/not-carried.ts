import type { DesiredMigration } from '../../model/desired.js';
import type { ObservedMigration } from '../../model/observed.js';
import type { NotCarried, ObservedNic, ObservedVm } from '../../model/observed-source.js';
import { isOwnSnapshot } from '../../model/own-names.js';
import { isPlainMetadata, plainName } from '../../model/plain-text.js';
import { serverIdentityKey } from '../../model/sync-record.js';
import { type NicFate, nicFates, type WantedNic } from '../core/destination-nics.js';
import { destinationServer, isCarriedDescription, isCarriedMetadata, isCarriedTag } from '../core/destination-server.js';

type Catalog = ObservedMigration['catalog'];

/** All that a source has and its target will not have, or will have another value of: what nobody says otherwise. */
export function notCarried(desired: DesiredMigration, vm: ObservedVm, catalog: Catalog): NotCarried[] {
  const left = vm.leftBehind ?? [];
  const volumes = volumeNotes(vm);
  if (desired.target.server === undefined) {
    const note = 'target.server is not given: only volumes are made';
    return [{ of: 'server', property: 'all of it', value: vm.name, note }, ...ofDisks(left), ...volumes];
  }
  const nics = nicFates(desired.target, vm, catalog);
  return [
    ...serverName(desired, vm),
    ...serverNotes(desired, vm, { catalog, nics }),
    ...left.filter((entry) => !ofDisks([entry]).length),
    ...nics.flatMap(({ source, becomes }) => nicChanges(source, becomes)),
    ...ofDisks(left),
    ...volumes,
    ...snapshots(vm),
  ];
}

const ofDisks = (left: readonly NotCarried[]): NotCarried[] => left.filter(({ of }) => of.startsWith('disk '));

function serverName({ target }: DesiredMigration, vm: ObservedVm): NotCarried[] {
  const name = plainName(target.server?.name ?? '');
  if (name === vm.name) return [];
  return [{ of: 'server', property: 'name', value: vm.name, note: `it is called "${name}"; target.server.name says otherwise` }];
}

function serverNotes(
  desired: DesiredMigration,
  vm: ObservedVm,
  place: { readonly catalog: Catalog; readonly nics: readonly NicFate[] },
): NotCarried[] {
  const { catalog } = place;
  const { openstackGuest } = vm;
  if (openstackGuest === undefined) return [];
  const told = (property: string, value: string, note: string): NotCarried => ({ of: 'server', property, value, note });
  const plain = 'every cloud stores printable ASCII of at most 255 characters only';
  const made = destinationServer(desired, vm, place)?.server;
  return [
    ...(openstackGuest.keyName !== undefined && made?.keyName === undefined
      ? [told('key_name', openstackGuest.keyName, 'this user of the target has no such key pair; the guest has its key')]
      : []),
    ...(openstackGuest.description !== undefined &&
    openstackGuest.description !== vm.name &&
    !isCarriedDescription(openstackGuest.description)
      ? [told('description', openstackGuest.description, plain)]
      : []),
    ...Object.entries(openstackGuest.metadata ?? {})
      .filter(([key, value]) => !isCarriedMetadata(key, value) && key !== serverIdentityKey)
      .map(([key, value]) => told(`metadata ${key}`, value, plain)),
    ...(openstackGuest.tags ?? [])
      .filter((tag) => !isCarriedTag(tag, catalog))
      .map((tag) => told('tag', tag, catalog.servers?.tags === false ? 'the Nova of the target is too old for it' : plain)),
  ];
}

function nicChanges(source: ObservedNic, becomes: WantedNic | 'skipped' | 'unmapped'): NotCarried[] {
  const of = source.label ?? `nic ${source.key}`;
  const told = (property: string, value: string, note?: string): NotCarried => ({
    of,
    property,
    value,
    ...(note === undefined ? {} : { note }),
  });
  const { mac, network, addresses = [], guestAddresses = [], port } = source;
  if (typeof becomes === 'string') {
    const value = [mac, network, ...addresses, ...guestAddresses].filter((text) => text !== '').join(', ');
    return becomes === 'skipped' ? [told('all of it', value, 'it is skipped')] : [];
  }
  const lost = addresses.filter((address) => becomes.fixedIps?.includes(address) !== true);
  const inGuest = guestAddresses.filter((address) => becomes.fixedIps?.includes(address) !== true);
  const pairs = (port?.allowedAddressPairs ?? []).filter(
    ({ ip }) => !becomes.allowedAddressPairs?.some((pair) => pair.ip === ip),
  );
  const groups = (port?.securityGroups ?? []).filter((name) => becomes.securityGroups?.includes(name) !== true);
  const isOpen = becomes.portSecurity === false;
  return [
    ...(mac !== '' && becomes.mac === undefined ? [told('MAC address', mac, 'Neutron chooses one')] : []),
    ...(lost.length === 0 ? [] : [told('addresses', lost.join(' '), addressNote(becomes))]),
    ...(inGuest.length === 0 ? [] : [told('addresses in the guest', inGuest.join(' '), guestNote)]),
    ...(pairs.length === 0 ? [] : [told('allowed address pairs', pairs.map(({ ip }) => ip).join(' '))]),
    ...(port?.portSecurity === false && !isOpen ? [told('port security', 'off', 'it is on there')] : []),
    ...(groups.length === 0 ? [] : [told('security groups', groups.join(' '), groupNote(becomes))]),
  ];
}

const addressNote = ({ fixedIps }: WantedNic): string =>
  fixedIps === undefined
    ? 'Neutron chooses; fixedIp of its network entry says otherwise'
    : `it gets ${fixedIps.join(' ') || 'none'}`;

const guestNote =
  'static addresses inside of the guest are not set by migplan; fixedIps of its network entry gives the port the same ones';

const groupNote = ({ securityGroups, portSecurity }: WantedNic): string =>
  portSecurity === false
    ? 'port security is off'
    : `it gets ${securityGroups === undefined ? "the project's default" : securityGroups.join(' ') || 'none'}`;

/** What stands on a volume and no cloud is sure to store. */
function volumeNotes({ openstackGuest }: ObservedVm): NotCarried[] {
  return (openstackGuest?.volumes ?? []).flatMap(({ disk, metadata }) =>
    Object.entries(metadata)
      .filter(([key, value]) => !isPlainMetadata(key, value))
      .map(([key, value]) => ({ of: `disk ${disk}`, property: `metadata ${key}`, value })),
  );
}

function snapshots({ snapshots: taken }: ObservedVm): NotCarried[] {
  const names = taken.filter((one) => !isOwnSnapshot(one)).map(({ name }) => name);
  return names.length === 0
    ? []
    : [{ of: 'server', property: 'snapshots', value: names.join(', '), note: 'only the present state is copied' }];
}
