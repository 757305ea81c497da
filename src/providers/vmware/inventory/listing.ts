import { grouped } from '../../../model/grouped.js';
import { looksLike, NameIndex } from '../../../model/same-name.js';
import { Nearest } from '../../nearest.js';
import type { Properties } from '../properties.js';
import { listObjects } from '../property-collector.js';
import type { Session } from '../soap/session.js';
import type { Moref } from '../wsdl/vim.js';
import { decodeName, searchPath } from './inventory-path.js';

/** A VM as the listing shows it. */
interface ListedVm {
  readonly ref: Moref;
  /** As people see it. */
  readonly name: string;
  /** `/DC1/vm/erp/erp-db01`, with vCenter's escapes; undefined when a folder on the way is not visible. */
  readonly path: string | undefined;
  readonly instanceUuid: string | undefined;
}

const LISTED = [
  { type: 'VirtualMachine', paths: ['name', 'parent', 'config.instanceUuid'] },
  { type: 'Folder', paths: ['name', 'parent'] },
  { type: 'Datacenter', paths: ['name', 'parent'] },
];
const PATH_DEPTH_MAX = 64;

/** Names and places of all VMs that the account can see: a few small properties of each, paged. */
export async function listVms(session: Session): Promise<VmListing> {
  const { rootFolder } = await session.content();
  const objects = await listObjects(session, LISTED);
  const places = new Map(objects.map((object) => [object.ref.value, object]));
  const vms = objects
    .filter(({ ref }) => ref.type === 'VirtualMachine')
    .map((vm) => ({
      ref: vm.ref,
      name: decodeName(vm.text('name') ?? ''),
      path: pathOf(vm, places, rootFolder.value),
      instanceUuid: vm.text('config.instanceUuid')?.toLowerCase(),
    }));
  return new VmListing(vms);
}

function pathOf(vm: Properties, places: ReadonlyMap<string, Properties>, root: string): string | undefined {
  const names: string[] = [];
  let current: Properties | undefined = vm;
  for (let depth = 0; current !== undefined && depth < PATH_DEPTH_MAX; depth++) {
    names.unshift(current.text('name') ?? '');
    const parent = current.moref('parent');
    if (parent?.value === root) return `/${names.join('/')}`;
    current = parent === undefined ? undefined : places.get(parent.value);
  }
  return undefined;
}

/** Finds VMs in a listing without asking vCenter again. */
export class VmListing {
  private readonly byPath: NameIndex<readonly [path: string, vm: ListedVm]>;
  private readonly byUuid: ReadonlyMap<string, readonly ListedVm[]>;
  private readonly byMoref: ReadonlyMap<string, ListedVm>;
  private readonly byName: NameIndex<ListedVm>;
  private readonly nearest: Nearest<ListedVm>;

  constructor(private readonly vms: readonly ListedVm[]) {
    const paths = new Map(vms.flatMap((vm) => (vm.path === undefined ? [] : [[searchPath(vm.path), vm] as const])));
    this.byPath = new NameIndex(paths, ([path]) => path);
    this.byMoref = new Map(vms.map((vm) => [vm.ref.value, vm]));
    this.byUuid = grouped(vms, ({ instanceUuid }) => (instanceUuid === undefined ? [] : [instanceUuid]));
    this.byName = new NameIndex(vms, (vm) => vm.name);
    this.nearest = new Nearest(vms, (vm) => vm.name);
  }

  /** All of them, by name. */
  refs(): Moref[] {
    return this.vms.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(({ ref }) => ref);
  }

  /** More than one where several paths look the same, and none is written as this one. */
  atPath(path: string): readonly ListedVm[] {
    return this.byPath.named(searchPath(path)).map(([, vm]) => vm);
  }

  withUuid(uuid: string): readonly ListedVm[] {
    return this.byUuid.get(uuid.toLowerCase()) ?? [];
  }

  withMoref(moref: string): ListedVm | undefined {
    return this.byMoref.get(moref);
  }

  named(name: string): readonly ListedVm[] {
    const exact = this.byName.exactly(name);
    return exact.length > 0 ? exact : this.byName.named(decodeName(name));
  }

  /** Paths of VMs whose names are near the last part of `path`. */
  nearestTo(path: string): string[] {
    const name = decodeName(
      path
        .split('/')
        .filter((segment) => segment !== '')
        .at(-1) ?? '',
    );
    return this.nearest.to(name).map(describe);
  }
}

/** What a person can write into a manifest for it. */
const describe = (vm: ListedVm): string => vm.path ?? `${vm.name} (${vm.ref.value})`;

/** Of several that are meant; two that look the same are told apart. */
export function describeAll(vms: readonly ListedVm[]): string[] {
  const isAlone = (vm: ListedVm): boolean => vms.filter((other) => looksLike(describe(other), describe(vm))).length === 1;
  return vms.map((vm) => (isAlone(vm) ? describe(vm) : `${describe(vm)} (${vm.ref.value}, in another Unicode form)`)).sort();
}
