import type { ObservedNic } from '../../../model/observed.js';
import { isA } from '../properties.js';
import type { Vim } from '../wsdl/vim.js';

/** Names of networks by what a card calls them: the key of a distributed portgroup, the id of an opaque network. */
export type NetworkNames = ReadonlyMap<string, string>;

const MODEL = /^Virtual(?:EthernetCard|(.+?)(?:EthernetCard)?)$/;

/** Network cards in device order. */
export function observedNics(devices: readonly Vim<'VirtualDevice'>[], names: NetworkNames): ObservedNic[] {
  return devices
    .filter((device) => isA(device, 'VirtualEthernetCard'))
    .map((card) => ({
      key: card.key,
      ...(card.deviceInfo?.label === undefined ? {} : { label: card.deviceInfo.label }),
      mac: (card.macAddress ?? '').toLowerCase(),
      network: networkOf(card.backing, names),
      // VirtualVmxnet3 is vmxnet3, VirtualSriovEthernetCard is sriov.
      model: (MODEL.exec(card.$type)?.[1] ?? card.$type).toLowerCase(),
    }));
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
