import type {
  CbtConfig,
  DatacenterConfig,
  DiskConfig,
  NicConfig,
  PermissionConfig,
  UserConfig,
  VmConfig,
  WorldConfig,
} from './world-config.js';

/** All keys of a type, complete by the compiler's word. */
type Keys<T> = Readonly<Record<keyof Required<T>, true>>;

const WORLD: Keys<WorldConfig> = {
  seed: true,
  vcenter: true,
  users: true,
  sessions: true,
  soap: true,
  cbt: true,
  snapshots: true,
  datacenters: true,
};
const USER: Keys<UserConfig> = {
  name: true,
  password: true,
  deniedPrivileges: true,
  permissions: true,
  unreadableProperties: true,
};
const PERMISSION: Keys<PermissionConfig> = { on: true, privileges: true, propagate: true };
const CBT: Keys<CbtConfig> = {
  maxExtents: true,
  windowBytes: true,
  shuffle: true,
  overlap: true,
  falsePositives: true,
  mismatch: true,
  onRevert: true,
};
const DATACENTER: Keys<DatacenterConfig> = { name: true, moref: true, hosts: true, datastores: true, networks: true, vms: true };
const VM: Keys<VmConfig> = {
  name: true,
  moref: true,
  folder: true,
  instanceUuid: true,
  biosUuid: true,
  power: true,
  connectionState: true,
  firmware: true,
  secureBoot: true,
  guestId: true,
  guestFullName: true,
  guestFamily: true,
  hostName: true,
  toolsRunning: true,
  cpus: true,
  coresPerSocket: true,
  memoryMb: true,
  hwVersion: true,
  cbtEnabled: true,
  cbtSupported: true,
  bootOrder: true,
  template: true,
  faultTolerant: true,
  encrypted: true,
  hasTpm: true,
  consolidationNeeded: true,
  question: true,
  disabledMethods: true,
  host: true,
  shutdown: true,
  annotation: true,
  customAttributes: true,
  cpuAllocation: true,
  memoryAllocation: true,
  hotAdd: true,
  extraConfig: true,
  nics: true,
  disks: true,
};
const NIC: Keys<NicConfig> = { mac: true, network: true, type: true, connected: true, ips: true };
const DISK: Keys<DiskConfig> = {
  key: true,
  uuid: true,
  capacityBytes: true,
  controller: true,
  bus: true,
  unit: true,
  mode: true,
  sharing: true,
  sharedBus: true,
  backing: true,
  thin: true,
  datastore: true,
  content: true,
};

/** Throws on a key no field has: a mistyped switch must not quietly mean its default. */
export function checkConfig(config: WorldConfig): void {
  check('world', config, WORLD);
  check('cbt', config.cbt ?? {}, CBT);
  for (const user of config.users) {
    check(`user ${user.name}`, user, USER);
    for (const permission of user.permissions ?? []) check(`user ${user.name}, permission`, permission, PERMISSION);
  }
  for (const datacenter of config.datacenters) {
    check(`datacenter ${datacenter.name}`, datacenter, DATACENTER);
    const networks = new Set((datacenter.networks ?? [{ name: 'VM Network' }]).map(({ name }) => name));
    for (const vm of datacenter.vms) checkVm(vm, networks);
  }
}

function checkVm(vm: VmConfig, networks: ReadonlySet<string>): void {
  const where = `vm ${vm.name}`;
  check(where, vm, VM);
  for (const disk of vm.disks) check(`${where}, disk`, disk, DISK);
  for (const nic of vm.nics ?? []) {
    check(`${where}, nic`, nic, NIC);
    if (!networks.has(nic.network)) throw new Error(`${where}: no network "${nic.network}"`);
  }
}

function check(where: string, value: object, known: object): void {
  const stray = Object.keys(value).find((key) => !Object.hasOwn(known, key));
  if (stray !== undefined) throw new Error(`${where}: no field "${stray}"`);
}
