import type { ObservedMigration } from '../../src/model/observed.js';
import type { ObservedVm } from '../../src/model/observed-source.js';
import type { ObservedPort, TargetCatalog } from '../../src/model/observed-target.js';
import * as s from '../plan/plan-fixture.js';
import type { Spec } from './plan-trial.js';

export const MAC = '00:50:56:aa:bb:01';
export const lan = { id: 'net-1', name: 'prod', mayChooseAddresses: true, subnets: ['192.0.2.0/24'] };
export const shared = { id: 'net-2', name: 'public', mayChooseAddresses: false, subnets: ['198.51.100.0/24'] };
export const plain = { id: 't-1', name: 'ssd', isDefault: true, encrypted: false, multiattach: false };
export const port: ObservedPort = {
  id: 'port-1',
  network: 'net-1',
  mac: '00:50:56:aa:bb:99',
  addresses: ['192.0.2.9'],
  description: '',
};
export const full: TargetCatalog = {
  ...s.catalog,
  flavors: ['m1.large', 'm1.small'],
  flavorSizes: [
    { id: 'f-1', name: 'm1.large', cpus: 2, memoryMiB: 4096 },
    { id: 'f-2', name: 'm1.small', cpus: 1, memoryMiB: 4096 },
  ],
  networks: ['prod', 'net-1', 'public', 'net-2'],
  networkDetails: [lan, shared],
  volumeTypes: ['ssd', 'luks'],
  volumeTypeTraits: [plain, { ...plain, id: 't-2', name: 'luks', isDefault: false, encrypted: true }],
  securityGroups: ['default', 'web'],
  keyPairs: ['ops'],
  ports: [],
};
export const cloud = (over: Partial<TargetCatalog> = {}): Partial<ObservedMigration> => ({ catalog: { ...full, ...over } });
export const found = (over: Partial<ObservedVm>) => ({ source: { kind: 'found', vm: s.vm(over) } }) as const;
export const off = found({ power: 'off' });
export const gone: Partial<ObservedMigration> = { volumes: {} };
export const converted = s.inState({ kind: 'converted', from: s.at(5) });
/** The server made of it has it. */
export const running: Partial<ObservedMigration> = {
  volumes: {
    '2000': [
      s.volume({
        reading: s.reading({ kind: 'converted', from: s.at(5) }),
        attachments: [{ id: s.attachmentId('att-1'), server: s.serverId('srv') }],
      }),
    ],
  },
};

/** Volumes and a server that is made at cutover. */
export const made = (server: Spec = {}, over: Spec = {}): Spec => ({
  phase: 'cutover',
  target: { provider: 'cloud', volumeType: 'ssd', server: { flavor: 'm1.large', networks: ['prod'], ...server }, ...over },
});
export const on = (network: string, over: Spec = {}): Spec => made({ networks: [{ network, ...over }] });
export const withImage = (imageMetadata: Spec): Spec => ({ target: { provider: 'cloud', volumeType: 'ssd', imageMetadata } });
export const lastly = /create-server m1.large disks 2000 nics/;
export const newMac = /create-server m1.large disks 2000 nics new/;
export const kept = new RegExp(`create-server m1.large disks 2000 nics ${MAC}`);

export const two = [MAC, '00:50:56:aa:bb:02'].map((mac, index) => ({
  key: 4000 + index,
  mac,
  network: ['VM Network', 'Backup-PG'][index]!,
  model: 'vmxnet3',
}));
export const twoNics = found({ nics: two });
export const mapped = (networks: Spec): Spec => made({ networks: undefined }, { mapping: { networks } });
