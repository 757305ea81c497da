import type { ResolvedConfig } from '../config.js';
import type { Directory } from '../identity/directory.js';
import { uuidOf } from '../ids.js';

export interface Subnet {
  readonly id: string;
  readonly name: string;
  readonly networkId: string;
  readonly cidr: string;
}

export interface Network {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly shared: boolean;
  /** What its ports get unless they say otherwise. */
  readonly portSecurity: boolean;
  readonly subnets: readonly Subnet[];
}

export interface FixedIp {
  readonly subnetId: string;
  readonly address: string;
}

export interface AddressPair {
  readonly ip_address: string;
  readonly mac_address: string;
}

export interface Port {
  readonly id: string;
  readonly networkId: string;
  readonly projectId: string;
  name: string;
  description: string;
  readonly macAddress: string;
  fixedIps: readonly FixedIp[];
  status: 'DOWN' | 'ACTIVE';
  deviceId: string;
  deviceOwner: string;
  securityGroups: readonly string[];
  readonly portSecurity: boolean;
  adminStateUp: boolean;
  readonly allowedAddressPairs: readonly AddressPair[];
  /** `none`: made without an address on purpose. */
  readonly ipAllocation: 'immediate' | 'none';
  /** Attributes that others gave it, shown as they are: `qos_policy_id`, `trunk_details`. */
  readonly attributes: Record<string, unknown>;
  readonly createdMs: number;
}

export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
}

export interface Networking {
  readonly networks: readonly Network[];
  readonly securityGroups: readonly SecurityGroup[];
  readonly ports: Map<string, Port>;
}

/** Several of one name have ids of their own. */
const nth = (earlier: readonly unknown[]): string => (earlier.length === 0 ? '' : ` ${earlier.length + 1}`);

/** Networks and groups are fixed by the configuration; each project has a `default` security group. */
export function createNetworking(config: ResolvedConfig, { projects }: Directory): Networking {
  const idOf = (name: string | undefined) => projects.find((project) => project.name === name)?.id ?? projects[0]?.id ?? '';
  const networks = config.networks.map((network): Network => {
    const { shared = false, portSecurity = true } = network;
    const id = network.id ?? uuidOf(config.seed, `network ${network.name}`);
    const subnets = (network.subnets ?? []).map(({ name = '', id: subnetId, cidr }) => ({
      id: subnetId ?? uuidOf(config.seed, `subnet ${network.name} ${cidr}`),
      name,
      networkId: id,
      cidr,
    }));
    return { id, name: network.name, projectId: idOf(network.project), shared, portSecurity, subnets };
  });
  const defaults = projects.map(({ name }) => ({ name: 'default', project: name }));
  const known = [...defaults, ...config.securityGroups];
  const isSame = (a: (typeof known)[number], b: (typeof known)[number]) => a.name === b.name && a.project === b.project;
  const securityGroups = known.map(({ name, project }, index) => ({
    id: uuidOf(
      config.seed,
      `security group ${project} ${name}${nth(known.slice(0, index).filter((other) => isSame(other, known[index]!)))}`,
    ),
    name,
    projectId: idOf(project),
  }));
  return { networks, securityGroups, ports: new Map() };
}
