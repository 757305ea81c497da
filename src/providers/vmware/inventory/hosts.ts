import type { ObservedVm } from '../../../model/observed-source.js';
import type { Properties } from '../properties.js';
import { readObjects } from '../property-collector.js';
import type { Session } from '../soap/session.js';
import { isFault } from '../soap/vim-fault.js';
import type { Moref } from '../wsdl/vim.js';

type Host = NonNullable<ObservedVm['host']>;
/** By moref. */
export type Hosts = ReadonlyMap<string, Host>;

const PATHS = ['name', 'summary.config.product'];

/** What runs on the hosts that these VMs are on; one call, whatever their number. An account that may not see them goes without. */
export async function readHosts(session: Session, vms: readonly Properties[]): Promise<Hosts> {
  const refs = new Map<string, Moref>();
  for (const vm of vms) {
    const ref = vm.moref('runtime.host');
    if (ref !== undefined) refs.set(ref.value, ref);
  }
  if (refs.size === 0) return new Map();
  const hosts = await readObjects(session, [...refs.values()], [{ type: 'HostSystem', paths: PATHS }]).catch((error: unknown) => {
    if (isFault(error, 'NoPermission')) return [];
    throw error;
  });
  return new Map(hosts.flatMap((host) => toHost(host)));
}

function toHost(host: Properties): [string, Host][] {
  const product = host.object('summary.config.product', 'AboutInfo');
  const build = Number(product?.build);
  if (product === undefined || !Number.isSafeInteger(build)) return [];
  return [[host.ref.value, { name: host.text('name') ?? host.ref.value, version: product.version, build }]];
}
