import type { ObservedNic } from '../../model/observed.js';
import type { Answer } from './answer.js';

/**
 * A server's ports in the order of its addresses, which is that of its NICs; ports without an address come last. Floating
 * addresses are none of the port's own and stay behind.
 */
export function sourceNics(
  server: Answer,
  { ports, networkNames }: { readonly ports: readonly Answer[]; readonly networkNames: ReadonlyMap<string, string> },
): ObservedNic[] {
  const id = server.at('id').text();
  const order = server
    .at('addresses')
    .lists()
    .flatMap((entries) => entries.map((entry) => entry.at('OS-EXT-IPS-MAC:mac_addr').optionalText()?.toLowerCase()));
  const rank = (mac: string): number => (order.includes(mac) ? order.indexOf(mac) : order.length);
  return ports
    .filter((port) => port.at('device_id').optionalText() === id)
    .map((port) => decodeNic(port, networkNames))
    .sort((a, b) => rank(a.mac) - rank(b.mac) || (a.mac < b.mac ? -1 : 1))
    .map((nic, key) => ({ ...nic, key }));
}

function decodeNic(port: Answer, networkNames: ReadonlyMap<string, string>): Omit<ObservedNic, 'key'> {
  const network = port.at('network_id').text();
  return {
    mac: port.at('mac_address').text().toLowerCase(),
    network: networkNames.get(network) || network,
    model: port.at('binding:vnic_type').optionalText() ?? 'normal',
    addresses: port
      .at('fixed_ips')
      .optionalList()
      .map((entry) => entry.at('ip_address').text()),
  };
}
