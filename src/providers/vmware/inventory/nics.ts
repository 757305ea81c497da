import type { ObservedNic } from '../../../model/observed-source.js';
import { isA } from '../properties.js';
import type { Vim } from '../wsdl/vim.js';

/** Names of networks by what a card calls them: the key of a distributed portgroup, the id of an opaque network. */
export type NetworkNames = ReadonlyMap<string, string>;

const MODEL = /^Virtual(?:EthernetCard|(.+?)(?:EthernetCard)?)$/;

/** Network cards in device order. */
export function observedNics(
  devices: readonly Vim<'VirtualDevice'>[],
  names: NetworkNames,
  guest: readonly Vim<'GuestNicInfo'>[] = [],
): ObservedNic[] {
  return devices
    .filter((device) => isA(device, 'VirtualEthernetCard'))
    .map((card) => ({
      key: card.key,
      ...(card.deviceInfo?.label === undefined ? {} : { label: card.deviceInfo.label }),
      mac: (card.macAddress ?? '').toLowerCase(),
      network: networkOf(card.backing, names),
      // VirtualVmxnet3 is vmxnet3, VirtualSriovEthernetCard is sriov.
      model: (MODEL.exec(card.$type)?.[1] ?? card.$type).toLowerCase(),
      ...(card.connectable?.startConnected === false ? { connected: false } : {}),
      ...guestAddresses(card, guest),
    }));
}

/** What a guest chooses by itself wherever it is. */
const LINK_LOCAL = /^(?:169\.254\.|fe[89ab])/i;

/** A bridge or a container's network of the guest belongs to no card: its id is negative. */
function guestAddresses(
  { key, macAddress }: Vim<'VirtualEthernetCard'>,
  guest: readonly Vim<'GuestNicInfo'>[],
): Pick<ObservedNic, 'guestAddresses'> {
  const isOfCard = ({ deviceConfigId, macAddress: mac }: Vim<'GuestNicInfo'>): boolean =>
    deviceConfigId === key || (deviceConfigId === 0 && mac !== undefined && mac.toLowerCase() === macAddress?.toLowerCase());
  const found = guest.filter(isOfCard).flatMap(({ ipAddress }) => ipAddress);
  const addresses = [...new Set(found)].filter((address) => !LINK_LOCAL.test(address));
  return addresses.length === 0 ? {} : { guestAddresses: addresses };
}

function networkOf(backing: Vim<'VirtualDeviceBackingInfo'> | undefined, names: NetworkNames): string {
  if (isA(backing, 'VirtualEthernetCardNetworkBackingInfo')) return backing.deviceName;
  if (isA(backing, 'VirtualEthernetCardDistributedVirtualPortBackingInfo')) {
    const key = backing.port.portgroupKey ?? '';
    return names.get(key) ?? key;
  }
  if (isA(backing, 'VirtualEthernetCardOpaqueNetworkBackingInfo')) {
    return names.get(backing.opaqueNetworkId) ?? backing.opaqueNetworkId;
  }
  return '';
}
