import { expect, test } from 'vitest';
import { plantServer } from '../../../lab/harness/planted-server.js';
import type { SourceProvider } from '../../../src/contracts/source-provider.js';
import type { TargetProvider } from '../../../src/contracts/target-provider.js';
import { Secret } from '../../../src/host/secret.js';
import type { DesiredMigration, WantedServer } from '../../../src/model/desired.js';
import { runId, volumeId } from '../../../src/model/ids.js';
import { noOrigin } from '../../../src/model/origin.js';
import type { SyncState } from '../../../src/model/sync-record.js';
import { makePlanFile, type PlanFile } from '../../../src/plan/file/plan-file.js';
import { plannedEntry } from '../../../src/plan/file/planned-entry.js';
import { judgeTogether } from '../../../src/plan/together/judge-together.js';
import { planAlone } from '../../../src/plan/together/plan-alone.js';
import { unclaimedNotes } from '../../../src/plan/together/plan-notes.js';
import { atOnceOf } from '../../../src/plan/together/source-at-once.js';
import { observeProject } from '../../../src/state/observe.js';
import { encodeRecord, serverMetadata } from '../../../src/state/sync-record-codec.js';
import { emptyLedger } from '../../../src/state/vm-ledger.js';
import * as s from '../../plan/plan-fixture.js';
import { header } from '../../plan/sample-plan.js';
import { OldCloud } from './old-cloud.js';
import { PASSWORD, type SimCloud } from './sim-cloud.js';

// Goal: a plan of the same world is the same plan, byte for byte, in whatever order the services list what they have: Nova the newest
// first, Neutron as its database likes. Method: servers of one project are planned into another one, in which much is wrong,
// so that the plan names things of every list; every list is then told in other orders.
const SEEDS = Array.from({ length: 12 }, (_, seed) => seed);
const numbered = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${index}`);

const start = () =>
  OldCloud.start({
    projects: [
      { name: 'demo', quota: { volumes: 100, ports: 100, instances: 20 } },
      { name: 'other', quota: { volumes: 12, gigabytes: 2000 } },
    ],
    volumeTypes: [{ name: 'local', default: true }, ...numbered('type', 10).map((name) => ({ name }))],
    availabilityZones: ['nova', ...numbered('zone', 10)],
    flavors: [
      { name: 'm1.small', id: '2', vcpus: 1, ramMiB: 512 },
      ...numbered('flavor', 10).map((name) => ({ name, vcpus: 1, ramMiB: 512 })),
    ],
    networks: [
      { name: 'lan', project: 'demo', subnets: [{ cidr: '192.168.88.0/24' }] },
      { name: 'wan', project: 'other', subnets: numbered('', 5).map((_, index) => ({ cidr: `10.0.${index}.0/24` })) },
      ...numbered('net', 8).map((name) => ({ name, project: 'other' })),
      ...numbered('', 3).map(() => ({ name: 'same', project: 'other' })),
    ],
    securityGroups: [
      ...numbered('group', 10).map((name) => ({ name, project: 'other' })),
      ...numbered('', 3).map(() => ({ name: 'same', project: 'other' })),
      { name: 'web', project: 'demo' },
      { name: 'ssh', project: 'demo' },
    ],
    keypairs: numbered('key', 10).map((name) => ({ user: 'other', name })),
  });

const openTarget = (cloud: SimCloud): Promise<TargetProvider> => {
  const domain = { id: 'default' };
  const other = { name: 'other', domain };
  const credentials = { kind: 'password', user: other, password: new Secret(PASSWORD), project: other } as const;
  return cloud.open({ cloud: cloud.cloudConfig({ credentials }) });
};

const migration = (name: string, server: Partial<WantedServer>, target: object = {}): DesiredMigration => ({
  ...s.desired({ ...s.cold, name, address: `vm/${name}`, file: `${name}.yaml` }),
  source: { provider: 'old', vm: { kind: 'server', server: name } },
  target: { provider: 'other', server: { name, flavor: 'm1.small', networks: [], ...server }, ...target },
});

const all: readonly DesiredMigration[] = [
  migration(
    'unknown',
    { flavor: 'none', keyName: 'none', availabilityZone: 'none', securityGroups: ['none'] },
    { volumeType: 'none', availabilityZone: 'none' },
  ),
  migration('nowhere', { networks: [{ network: 'none', mac: 'new' }, 'skip'] }),
  migration('ambiguous', { networks: [{ network: 'same', mac: 'new', securityGroups: ['same'] }, 'skip'] }),
  migration('elsewhere', { networks: [{ network: 'wan', mac: 'new', fixedIp: '172.16.0.1' }, 'skip'] }),
  migration('taken', { networks: [{ network: 'wan', mac: 'new', fixedIp: '10.0.0.9' }, 'skip'] }),
  migration('copied', {}),
  migration('held', {}),
  migration('made', {
    networks: [
      { network: 'wan', mac: 'new' },
      { network: 'wan', mac: 'new' },
    ],
  }),
  migration('twin', {}),
  migration('carried', {
    networks: [
      { network: 'wan', mac: 'new' },
      { network: 'wan', mac: 'new' },
    ],
  }),
  migration('missing', {}),
];

interface World {
  readonly cloud: SimCloud;
  readonly source: SourceProvider;
  readonly target: TargetProvider;
}

test('the plan is the same bytes in whatever order the lists of the clouds come', async () => {
  await using old = await start();
  const { cloud } = old;
  await plantAll(old);
  await using source = await old.open();
  await using target = await openTarget(cloud);
  const world: World = { cloud, source, target };
  const newest = await plantTarget(world, old);
  const usual = await planned(world);
  expectMuchNamed(usual);
  const facts = Object.fromEntries(usual.migrations.map(({ address, facts }) => [address, facts]));
  expect(facts['vm/twin'], 'of several servers of one VM it is the newest').toMatchObject({ server: `${newest} ACTIVE` });
  for (const seed of SEEDS) {
    cloud.sim.control.setListOrder({ seed });
    if (seed % 2 === 1) turnRound(cloud);
    expect(JSON.stringify(await planned(world), null, 1), `seed ${seed}`).toBe(JSON.stringify(usual, null, 1));
  }
});

/** Two NICs and three volumes each, snapshots, groups of both NICs. */
async function plantAll(old: OldCloud): Promise<void> {
  const groups = await old.groupIds('web', 'ssh');
  for (const { name } of all.filter(({ name }) => name !== 'missing')) {
    const server = { tags: ['b', 'a', 'c'] };
    const pairs = [{ ip_address: '192.168.88.200' }, { ip_address: '192.168.88.100' }];
    const ports = [{ security_groups: groups, allowed_address_pairs: pairs }, {}];
    await old.plant({ name, server, ports, volumes: [{ sizeGiB: 1 }, { sizeGiB: 2 }, { sizeGiB: 1 }] });
  }
}

/** The lists inside of ports and servers, which have no order either. */
function turnRound({ sim: { control } }: SimCloud): void {
  for (const port of control.ports()) {
    const [groups, pairs] = [port.securityGroups.toReversed(), port.allowedAddressPairs.toReversed()];
    control.givePort(port.id, { security_groups: groups, allowed_address_pairs: pairs });
  }
  for (const { id } of control.servers()) control.giveServer(id, { tags: ['c', 'b', 'a'] });
}

/** Id of the younger one of the twins. */
async function plantTarget({ cloud, source, target }: World, old: OldCloud): Promise<string> {
  const found = await source.observe(all.map(({ source: { vm } }) => vm));
  const { control } = cloud.sim;
  const copyOf = (name: string, index = 0, state: SyncState = { kind: 'clean', at: undefined }) => {
    const lookup = found[all.findIndex((one) => one.name === name)]!;
    const vm = lookup.kind === 'found' ? lookup.vm : expect.unreachable(name);
    const { key, uuid, capacity } = vm.disks[index]!;
    const record = encodeRecord({
      identity: { vm: vm.instanceUuid, disk: key, diskUuid: uuid },
      state,
      capacity,
      cycle: 1,
      run: runId('runrunrunrun'),
      origin: noOrigin,
    });
    const { id } = control.createVolume({
      project: 'other',
      name: `${name}-${key}`,
      sizeGiB: capacity / 2 ** 30,
      bootable: true,
      metadata: record,
    });
    return { id, vm };
  };
  const copies = [copyOf('copied'), copyOf('copied'), copyOf('copied')];
  await target.reserve(volumeId(copies[0]!.id));
  const held = copyOf('held');
  await target.reserve(volumeId(held.id));
  const client = await old.client('other', 'other');
  const serverOf = async (name: string, { id, vm }: ReturnType<typeof copyOf>, more: object = {}) =>
    plantServer(
      client,
      { createVolume: async () => ({ id, file: '' }) },
      {
        name,
        project: 'other',
        flavor: 'm1.small',
        network: 'wan',
        volumes: [{ sizeGiB: 1 }],
        server: { metadata: serverMetadata(vm.instanceUuid) },
        ...more,
      },
    );
  control.setHypervisor({ portConnectMs: -1 });
  const converted = (name: string) => [0, 1, 2].map((index) => copyOf(name, index, { kind: 'converted', from: undefined }));
  const [made] = converted('made');
  await serverOf('made', made!, { ports: [{}, {}, { fixed_ips: [{ ip_address: '10.0.0.9' }] }] });
  const [first, second] = converted('twin');
  await serverOf('twin-a', first!);
  cloud.sim.control.advance(60_000);
  return (await serverOf('twin-b', second!)).id;
}

async function planned({ source, target }: World): Promise<PlanFile> {
  const providers = { source: () => source, target: () => target };
  const state = { lineage: '', ledgerEntries: async () => emptyLedger, runsWithOverlays: async () => [] };
  const { migrations: observed, unclaimed } = await observeProject(all, providers, state);
  const alone = all.map((desired, index) => planAlone(desired, observed[index]!, { now: s.NOW }));
  const plans = judgeTogether(alone, atOnceOf({ transfers: 2 }));
  const entries = all.map((desired, index) => plannedEntry(desired, observed[index]!, { ...plans[index]!, atOnce: 2 }));
  return makePlanFile({ ...header, notes: unclaimedNotes(unclaimed) }, entries);
}

/** A plan that names little proves little. */
function expectMuchNamed(plan: PlanFile): void {
  const codes = plan.migrations.flatMap(({ diagnostics }) => diagnostics.map(({ code }) => code));
  for (const code of ['MP2020', 'MP2070', 'MP2032', 'MP2014', 'MP2089']) expect(codes, code).toContain(code);
}
