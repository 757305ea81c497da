import type { AddressPair } from '../../../model/desired.js';
import type { CloudPort, ObservedNic } from '../../../model/observed-source.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { pairsOf } from '../target/ports.js';
import type { SourceLists } from './source-lists.js';

/**
 * A server's ports in the order of its addresses, which is that of its NICs; ports without an address come last. Floating
 * addresses are none of the port's own and stay behind.
 */
export interface SourceNic {
  readonly nic: ObservedNic;
  readonly port: JsonCursor;
}

export function sourceNics(
  server: JsonCursor,
  { ports, networkNames, groupNames }: Pick<SourceLists, 'ports' | 'networkNames' | 'groupNames'>,
): SourceNic[] {
  const id = server.at('id').text();
  const order = server
    .at('addresses')
    .lists()
    .flatMap((entries) => entries.map((entry) => entry.at('OS-EXT-IPS-MAC:mac_addr').optionalText()?.toLowerCase()));
  const rank = (mac: string): number => (order.includes(mac) ? order.indexOf(mac) : order.length);
  return ports
    .filter((port) => port.at('device_id').optionalText() === id)
    .map((port) => ({ port, nic: decodeNic(port, networkNames, groupNames) }))
    .sort((a, b) => rank(a.nic.mac) - rank(b.nic.mac) || (a.nic.mac < b.nic.mac ? -1 : 1))
    .map(({ port, nic }, key) => ({ port, nic: { ...nic, key } }));
}

type Names = ReadonlyMap<string, string>;

function decodeNic(port: JsonCursor, networkNames: Names, groupNames: Names): Omit<ObservedNic, 'key'> {
  const network = port.at('network_id').text();
  return {
    mac: port.at('mac_address').text().toLowerCase(),
    network: networkNames.get(network) || network,
    model: port.at('binding:vnic_type').optionalText() ?? 'normal',
    addresses: port
      .at('fixed_ips')
      .optionalList()
      .map((entry) => entry.at('ip_address').text()),
    ...(!port.at('admin_state_up').isAbsent() && !port.at('admin_state_up').flag() && { connected: false }),
    port: decodePort(port, groupNames),
  };
}

/**
 * A pair with the port's own MAC follows it, whatever that becomes. Groups and pairs are sets, which Neutron tells in any order: sorted, so that
 * what is planned of them is the same each time.
 */
function decodePort(port: JsonCursor, groupNames: Names): CloudPort {
  const own = port.at('mac_address').text().toLowerCase();
  return {
    securityGroups: port
      .at('security_groups')
      .optionalList()
      .map((group) => groupNames.get(group.text()) || group.text())
      .sort(),
    allowedAddressPairs: pairsOf(port)
      .map(({ ip, mac }) => ({ ip, ...(mac !== undefined && mac !== own && { mac }) }))
      .sort((a, b) => (pairText(a) < pairText(b) ? -1 : 1)),
    portSecurity: port.at('port_security_enabled').isAbsent() || port.at('port_security_enabled').flag(),
  };
}

const pairText = ({ ip, mac = '' }: AddressPair): string => `${ip} ${mac}`;
