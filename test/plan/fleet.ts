import type { DesiredMigration } from '../../src/model/desired.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import type { CloudVolume, ObservedDisk, ObservedVm } from '../../src/model/observed-source.js';
import type { ObservedPort, TargetCatalog } from '../../src/model/observed-target.js';
import * as s from './plan-fixture.js';

export interface FleetMember {
  readonly desired: DesiredMigration;
  readonly observed: ObservedMigration;
}

const GiB = 2 ** 30;
const DISKS = [2000, 2001, 2002];
const LAST = DISKS.length;
const hex = (value: number): string => value.toString(16).padStart(2, '0');
const macOf = (index: number): string => `00:50:56:${hex(index >> 16)}:${hex((index >> 8) & 255)}:${hex(index & 255)}`;
const addressOf = (index: number): string => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
const uuidOf = (index: number): string => `501b2f6e-0000-1111-2222-${index.toString(16).padStart(12, '0')}`;
const isServer = (index: number): boolean => index % 5 === 3;

/** Ports of the servers that were made, and of as many that others have, all on one network. */
const portsOf = (count: number): ObservedPort[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `port-${index}`,
    network: 'net-1',
    mac: isServer(index) ? macOf(index) : `fa:16:3e:${macOf(index).slice(9)}`,
    addresses: [isServer(index) ? addressOf(index) : addressOf(index).replace('10.', '11.')],
    server: s.serverId(`server-${index}`),
    description: '',
  }));

const catalogOf = (count: number): TargetCatalog => ({
  flavors: ['m1.large'],
  networks: ['prod', 'net-1'],
  volumeTypes: ['ssd'],
  availabilityZones: ['nova'],
  quota: { volumesLeft: 10 * count, gigabytesLeft: 1000 * count, portsLeft: 10 * count, instancesLeft: 10 * count },
  flavorSizes: [{ id: 'f-1', name: 'm1.large', cpus: 2, memoryMiB: 4096 }],
  networkDetails: [{ id: 'net-1', name: 'prod', mayChooseAddresses: true, subnets: ['10.0.0.0/8'] }],
  volumeTypeTraits: [{ id: 't-1', name: 'ssd', isDefault: true, encrypted: false, multiattach: false }],
  securityGroups: [],
  ports: portsOf(count),
});

/** VMs as projects have many of: with names alike, three disks, half of them in waves, on one network; of each sort a fifth. */
export function fleet(count: number): FleetMember[] {
  const shared = catalogOf(count);
  const room = { quota: { volumesLeft: 10 * count, snapshotsLeft: 10 * count, gigabytesLeft: 1000 * count }, project: 'old' };
  return Array.from({ length: count }, (_, index) => member(index, shared, room));
}

function member(index: number, catalog: TargetCatalog, sourceRoom: ObservedMigration['sourceRoom'] & object): FleetMember {
  const name = `erp-db-${String(index).padStart(6, '0')}`;
  const seeded = (state: Parameters<typeof s.reading>[0]) => volumesOf(index, state);
  const common = { catalog, targetProject: 'project-1' };
  switch (index % 5) {
    case 0:
      return {
        desired: wanted(name, index, { ...s.cutover, ...server(name, index) }),
        observed: s.observed({ ...common, ...source(index), volumes: seeded({ kind: 'clean', at: s.at(5) }) }),
      };
    case 1:
      return {
        desired: wanted(name, index),
        observed: s.observed({ ...common, ...source(index), volumes: seeded({ kind: 'clean', at: s.at(5) }) }),
      };
    case 2:
      return {
        desired: wanted(name, index, s.seed),
        observed: s.observed({ ...common, ...source(index), volumes: volumesOf(index) }),
      };
    case 3:
      return {
        desired: wanted(name, index, { ...s.cutover, ...server(name, index) }),
        observed: s.observed({
          ...common,
          ...source(index, { power: 'off' }),
          volumes: seeded({ kind: 'converted', from: s.at(5) }),
          server: { id: s.serverId(`server-${index}`), name, status: 'ACTIVE', make: { flavor: 'm1.large', securityGroups: [] } },
        }),
      };
    default:
      return {
        desired: wanted(name, index, { ...s.oneShot }),
        observed: s.observed({ ...common, ...oldServer(index), volumes: volumesOf(index), sourceRoom }),
      };
  }
}

const wanted = (name: string, index: number, over: Partial<DesiredMigration> = {}): DesiredMigration =>
  s.desired({
    name,
    address: `vm/${name}`,
    file: `manifests/${name}.yaml`,
    labels: index % 2 === 0 ? {} : { wave: String(Math.floor(index / 40)) },
    ...over,
  });

const server = (name: string, index: number): Pick<DesiredMigration, 'target'> => ({
  target: {
    provider: 'cloud',
    server: {
      name,
      flavor: 'm1.large',
      networks: [{ network: 'prod', mac: 'keep', fixedIp: addressOf(index) }],
      securityGroups: [],
    },
  },
});

const disksOf = (index: number): ObservedDisk[] =>
  DISKS.map((key, unit) =>
    s.disk({
      key: s.diskKey(key),
      label: `Hard disk ${unit + 1}`,
      uuid: uuidOf(index * LAST + unit),
      slot: { bus: 'scsi', controller: 0, unit },
    }),
  );

const source = (index: number, over: Partial<ObservedVm> = {}): Pick<ObservedMigration, 'source'> => ({
  source: {
    kind: 'found',
    vm: s.vm({
      name: `erp-db-${index}`,
      instanceUuid: uuidOf(index),
      nics: [{ key: 4000, mac: macOf(index), network: 'VM Network', model: 'vmxnet3' }],
      disks: disksOf(index),
      ...over,
    }),
  },
});

function oldServer(index: number): Pick<ObservedMigration, 'source'> {
  const disks = disksOf(index).map(({ changeId: _, ...rest }) => ({ ...rest, capacity: 10 * GiB }));
  const volumes = disks.map(({ key }) => ({ disk: key, type: 'ceph', metadata: {} }) as CloudVolume);
  const like = s.cloudVm();
  return {
    source: {
      kind: 'found',
      vm: { ...like, instanceUuid: uuidOf(index), disks, openstackGuest: { ...like.openstackGuest!, volumes } },
    },
  };
}

const volumesOf = (index: number, state?: Parameters<typeof s.reading>[0]): ObservedMigration['volumes'] =>
  Object.fromEntries(
    DISKS.map((key, unit) => [
      String(key),
      state === undefined
        ? []
        : [
            s.volume({
              id: s.volumeId(`vol-${index}-${key}`),
              name: `erp-db-${index}-${key}`,
              ...(unit === 0 ? {} : s.dataVolume),
              reading: s.reading(state, { diskUuid: uuidOf(index * LAST + unit) }),
              attachments: isServer(index)
                ? [{ id: s.attachmentId(`att-${index}-${key}`), server: s.serverId(`server-${index}`) }]
                : [],
            }),
          ],
    ]),
  );
