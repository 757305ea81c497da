import type { Answer, ConformanceClient, ServiceType } from '../openstack-sim/conformance/client.js';
import type { NewVolume } from '../openstack-sim/control-volume.js';

/** A server that a tenant of the old cloud has been running for years. */
export interface PlantedServer {
  readonly name: string;
  /** The tenant's project, where its volumes are. */
  readonly project: string;
  readonly flavor: string;
  readonly keyName?: string;
  readonly network: string;
  readonly mac?: string;
  readonly fixedIp?: string;
  /** More of its port, in Neutron's words. */
  readonly port?: Readonly<Record<string, unknown>>;
  /** In place of the one port: several on the network. */
  readonly ports?: readonly Readonly<Record<string, unknown>>[];
  /** More of the server, in Nova's words. */
  readonly server?: Readonly<Record<string, unknown>>;
  /** The boot volume first. */
  readonly volumes: readonly Omit<NewVolume, 'project'>[];
}

export interface Planted {
  readonly id: string;
  readonly volumes: readonly { readonly id: string; readonly file: string }[];
}

/** Who may plant volumes: openstack-sim's control, in this process or over HTTP. */
export interface VolumePlanter {
  createVolume(wanted: NewVolume): Promise<PlantedVolume> | PlantedVolume;
}

interface PlantedVolume {
  readonly id: string;
  readonly file: string;
}

const POLLS_MAX = 200;

/** Makes the volumes behind the cloud's back and the rest as its tenant would; resolves when the server is ACTIVE. */
export async function plantServer(client: ConformanceClient, control: VolumePlanter, wanted: PlantedServer): Promise<Planted> {
  const volumes: PlantedVolume[] = [];
  for (const [index, volume] of wanted.volumes.entries()) {
    volumes.push(await control.createVolume({ bootable: index === 0, ...volume, project: wanted.project }));
  }
  const ports: string[] = [];
  for (const more of wanted.ports ?? [wanted.port ?? {}]) ports.push(await makePort(client, wanted, more));
  const id = await postServer(client, wanted, { volumes: volumes.map((volume) => volume.id), ports });
  for (let polls = 0; polls < POLLS_MAX; polls++) {
    const { server } = (await ask(client, 'compute', 'GET', `/servers/${id}`)).body;
    if (server.status === 'ACTIVE') return { id, volumes };
    if (server.status === 'ERROR') throw new Error(`server ${wanted.name}: ${server.fault?.message}`);
    await client.pause();
  }
  throw new Error(`server ${wanted.name} does not become ACTIVE`);
}

async function makePort(
  client: ConformanceClient,
  { network, mac, fixedIp }: PlantedServer,
  more: Readonly<Record<string, unknown>>,
): Promise<string> {
  const { networks } = (await ask(client, 'network', 'GET', `/v2.0/networks?name=${network}`)).body;
  const port = {
    network_id: networks[0]?.id,
    ...(mac !== undefined && { mac_address: mac }),
    ...(fixedIp !== undefined && { fixed_ips: [{ ip_address: fixedIp }] }),
    ...more,
  };
  return (await ask(client, 'network', 'POST', '/v2.0/ports', { port })).body.port.id;
}

async function postServer(
  client: ConformanceClient,
  { name, flavor, keyName, server: more }: PlantedServer,
  { volumes, ports }: { readonly volumes: readonly string[]; readonly ports: readonly string[] },
): Promise<string> {
  const { flavors } = (await ask(client, 'compute', 'GET', '/flavors')).body;
  const flavorRef = flavors.find((known: { name: string }) => known.name === flavor)?.id;
  const block_device_mapping_v2 = volumes.map((uuid, index) => ({
    uuid,
    source_type: 'volume',
    destination_type: 'volume',
    boot_index: index === 0 ? 0 : -1,
    delete_on_termination: false,
  }));
  const networks = ports.map((port) => ({ port }));
  const server = { name, flavorRef, networks, block_device_mapping_v2, ...(keyName && { key_name: keyName }), ...more };
  return (await ask(client, 'compute', 'POST', '/servers', { server })).body.server.id;
}

const VERSIONS: Partial<Record<ServiceType, string>> = { compute: '2.60' };

async function ask(
  client: ConformanceClient,
  service: ServiceType,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const version = VERSIONS[service];
  const answer = await client.call(service, method, path, { body, ...(version !== undefined && { version }) });
  if (answer.status >= 300) throw new Error(`${method} ${path}: HTTP ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer;
}
