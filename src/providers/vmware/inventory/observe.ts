import type { VmSelector } from '../../../model/desired.js';
import type { ObservedVm, VmLookup } from '../../../model/observed-source.js';
import { isA, type Properties } from '../properties.js';
import { readObjects } from '../property-collector.js';
import type { Session } from '../soap/session.js';
import type { Moref, Vim } from '../wsdl/vim.js';
import { findVms } from './find-vms.js';
import { readTrackedDisks, withTracked } from './history.js';
import { readHosts } from './hosts.js';
import { listVms } from './listing.js';
import type { NetworkNames } from './nics.js';
import { toObservedVm, VM_PATHS } from './to-observed-vm.js';
import { TOLD_PATHS } from './vm-properties.js';

/** Reads the selected VMs: where they are, then the heavy properties of just these, then their hosts and the names of their networks. */
export async function observeVms(session: Session, selectors: readonly VmSelector[]): Promise<VmLookup[]> {
  const findings = await findVms(session, selectors);
  const refs = new Map(
    findings.flatMap((finding) => (finding.kind === 'found' ? [[finding.ref.value, finding.ref] as const] : [])),
  );
  const vms = await readObjects(session, [...refs.values()], [{ type: 'VirtualMachine', paths: VM_PATHS, optional: TOLD_PATHS }]);
  const [networkNames, hosts] = await Promise.all([readNetworkNames(session, vms), readHosts(session, vms)]);
  const understood = vms.map((vm) => [vm.ref.value, toObservedVm(vm, { networkNames, hosts })] as const);
  // Only a VM that has tracking has something to be incomplete.
  const asked = understood.flatMap(([, vm]) => (vm.cbt.enabled ? vm.snapshots : []));
  const tracked = await readTrackedDisks(session, asked);
  const observed = new Map(
    understood.map(([ref, vm]) => [ref, vm.cbt.enabled ? { ...vm, snapshots: withTracked(vm.snapshots, tracked) } : vm]),
  );
  return findings.map((finding) => {
    if (finding.kind === 'ambiguous') return finding;
    if (finding.kind === 'not-found') return notThere(finding.nearest);
    const vm = observed.get(finding.ref.value);
    return vm === undefined ? notThere([]) : { kind: 'found', vm };
  });
}

const notThere = (nearest: readonly string[]): VmLookup => ({ kind: 'not-found', nearest, check: 'check the path in vCenter' });

/** Every VM, by name. */
export async function listObservedVms(session: Session): Promise<ObservedVm[]> {
  const refs = (await listVms(session)).refs();
  const found = await observeVms(
    session,
    refs.map(({ value }) => ({ kind: 'moref', moref: value })),
  );
  return found.flatMap((lookup) => (lookup.kind === 'found' ? [lookup.vm] : []));
}

const NAMED_NETWORKS = [
  { type: 'DistributedVirtualPortgroup', paths: ['name', 'key'] },
  { type: 'OpaqueNetwork', paths: ['name', 'summary'] },
];
const NAMED_TYPES: ReadonlySet<string> = new Set(NAMED_NETWORKS.map(({ type }) => type));

/** A card on a distributed switch or an NSX segment knows an id only; the names are those of the VM's networks. */
async function readNetworkNames(session: Session, vms: readonly Properties[]): Promise<NetworkNames> {
  const refs = new Map<string, Moref>();
  for (const vm of vms.filter(hasCardWithoutName)) {
    for (const ref of vm.morefs('network')) if (NAMED_TYPES.has(ref.type)) refs.set(ref.value, ref);
  }
  if (refs.size === 0) return new Map();
  const networks = await readObjects(session, [...refs.values()], NAMED_NETWORKS);
  return new Map(networks.map((network) => [idOf(network), network.text('name') ?? network.ref.value]));
}

function hasCardWithoutName(vm: Properties): boolean {
  const isNameless = ({ backing }: Vim<'VirtualDevice'>): boolean =>
    isA(backing, 'VirtualEthernetCardDistributedVirtualPortBackingInfo') ||
    isA(backing, 'VirtualEthernetCardOpaqueNetworkBackingInfo');
  return vm.list('config.hardware.device', 'VirtualDevice').some(isNameless);
}

function idOf(network: Properties): string {
  const summary = network.object('summary', 'NetworkSummary');
  if (isA(summary, 'OpaqueNetworkSummary')) return summary.opaqueNetworkId;
  return network.text('key') ?? network.ref.value;
}
