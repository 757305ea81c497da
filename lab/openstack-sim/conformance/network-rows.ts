import type { ConformanceClient } from './client.js';
import { brief, type ConformanceRow } from './row.js';

interface Place {
  readonly networkId: string;
  readonly subnetId: string;
  /** First three numbers of the subnet's address. */
  readonly prefix: string;
}

const MAC = '00:50:56:aa:bb:01';

/** Ports with a fixed MAC and address. The project needs an own /24 network; a shared one of another project is used if there is one. */
export function networkRows(client: ConformanceClient): ConformanceRow[] {
  const row = (name: string, expected: string, run: (own: Place) => Promise<string>): ConformanceRow => ({
    area: 'ports',
    name,
    expected,
    run: async () => run(await findPlace(client, 'own')),
  });
  const create = (port: object) => client.call('network', 'POST', '/v2.0/ports', { body: { port } });
  const onShared = async (port: object) =>
    brief(await create({ network_id: (await findPlace(client, 'shared')).networkId, ...port }));
  const addressRules = '(rule:create_port:fixed_ips and (rule:create_port:fixed_ips:ip_address))';
  const disallowed = (rules: string) => `403 PolicyNotAuthorized: ${rules} is disallowed by policy`;
  return [
    ...wholePortRows(client, row),
    row('own network keeps MAC and address exactly', '201 ["00:50:56:aa:bb:01",true]', async (own) => {
      const fixed_ips = [{ subnet_id: own.subnetId, ip_address: `${own.prefix}.20` }];
      const made = await create({ network_id: own.networkId, mac_address: MAC, fixed_ips });
      await remove(client, made.body.port.id);
      return brief(made, ({ port }) => [port.mac_address, port.fixed_ips[0].ip_address === `${own.prefix}.20`]);
    }),
    row('duplicate MAC', '409 MacAddressInUse', (own) => second(client, { network_id: own.networkId, mac_address: MAC })),
    row('duplicate address', '409 IpAddressAlreadyAllocated', (own) =>
      second(client, { network_id: own.networkId, fixed_ips: [{ ip_address: `${own.prefix}.21` }] }),
    ),
    row('address outside', '400 InvalidIpForNetwork', async (own) =>
      typeOf(await create({ network_id: own.networkId, fixed_ips: [{ ip_address: '203.0.113.9' }] })),
    ),
    row(
      'bad MAC',
      "400 HTTPBadRequest: Invalid input for mac_address. Reason: 'nonsense' is not a valid MAC address.",
      async (own) => brief(await create({ network_id: own.networkId, mac_address: 'nonsense' })),
    ),
    row('port security off on the own network', '201 false', async (own) => {
      const made = await create({ network_id: own.networkId, port_security_enabled: false });
      await remove(client, made.body.port.id);
      return brief(made, ({ port }) => port.port_security_enabled);
    }),
    row('MAC on a shared network', disallowed('(rule:create_port and rule:create_port:mac_address)'), () =>
      onShared({ mac_address: MAC }),
    ),
    row('address on a shared network', disallowed(`(rule:create_port and ${addressRules})`), () =>
      onShared({ fixed_ips: [{ ip_address: '192.168.77.9' }] }),
    ),
    row('both', disallowed(`((rule:create_port and rule:create_port:mac_address) and ${addressRules})`), () =>
      onShared({ mac_address: MAC, fixed_ips: [{ ip_address: '192.168.77.9' }] }),
    ),
  ];
}

type PortRow = (name: string, expected: string, run: (own: Place) => Promise<string>) => ConformanceRow;

/** All else that a port is made with. */
function wholePortRows(client: ConformanceClient, row: PortRow): ConformanceRow[] {
  const create = (port: object) => client.call('network', 'POST', '/v2.0/ports', { body: { port } });
  return [
    row('no address on the own network', '201 []', async (own) => {
      const made = await create({ network_id: own.networkId, fixed_ips: [] });
      await remove(client, made.body.port.id);
      return brief(made, ({ port }) => port.fixed_ips);
    }),
    row('two addresses of one subnet', '201 2', async (own) => {
      const fixed_ips = [{ ip_address: `${own.prefix}.31` }, { ip_address: `${own.prefix}.32` }];
      const made = await create({ network_id: own.networkId, fixed_ips });
      await remove(client, made.body.port.id);
      return brief(made, ({ port }) => port.fixed_ips.length);
    }),
    row('an address pair has the MAC of the port, and the port is down', '201 [true,true,false]', async (own) => {
      const allowed_address_pairs = [{ ip_address: `${own.prefix}.200` }];
      const made = await create({ network_id: own.networkId, mac_address: MAC, allowed_address_pairs, admin_state_up: false });
      await remove(client, made.body.port.id);
      return brief(made, ({ port }) => {
        const [pair] = port.allowed_address_pairs;
        return [pair.ip_address === `${own.prefix}.200`, pair.mac_address === MAC, port.admin_state_up];
      });
    }),
    row('an address pair without port security', '409 AddressPairAndPortSecurityRequired', async (own) =>
      typeOf(
        await create({
          network_id: own.networkId,
          port_security_enabled: false,
          allowed_address_pairs: [{ ip_address: `${own.prefix}.200` }],
        }),
      ),
    ),
    row('an address pair on a shared network', '403 PolicyNotAuthorized', async () =>
      typeOf(
        await create({
          network_id: (await findPlace(client, 'shared')).networkId,
          allowed_address_pairs: [{ ip_address: '192.168.77.200' }],
        }),
      ),
    ),
    row('no security group at all', '201 []', async (own) => {
      const made = await create({ network_id: own.networkId, security_groups: [] });
      await remove(client, made.body.port.id);
      return brief(made, ({ port }) => port.security_groups);
    }),
  ];
}

const typeOf = ({ status, body }: { status: number; body: { NeutronError?: { type: string } } }) =>
  `${status} ${body.NeutronError?.type}`;

const remove = (client: ConformanceClient, id: string) => client.call('network', 'DELETE', `/v2.0/ports/${id}`);

/** What the second of two equal ports gets. */
async function second(client: ConformanceClient, port: object): Promise<string> {
  const create = () => client.call('network', 'POST', '/v2.0/ports', { body: { port } });
  const first = await create();
  const answer = await create();
  await remove(client, first.body.port.id);
  return typeOf(answer);
}

async function findPlace(client: ConformanceClient, kind: 'own' | 'shared'): Promise<Place> {
  const { body } = await client.call('network', 'GET', '/v2.0/networks');
  const network = body.networks.find(({ project_id, shared }: { project_id: string; shared: boolean }) =>
    kind === 'own' ? project_id === client.projectId : shared && project_id !== client.projectId,
  );
  const [subnetId] = network.subnets;
  const subnet = await client.call('network', 'GET', `/v2.0/subnets/${subnetId}`);
  return { networkId: network.id, subnetId, prefix: subnet.body.subnet.cidr.split('.').slice(0, 3).join('.') };
}
