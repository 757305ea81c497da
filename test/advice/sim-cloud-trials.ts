import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { connectClient } from '../../lab/openstack-sim/conformance/client.js';
import type { ServerRequest, TargetProvider } from '../../src/contracts/target-provider.js';
import { type VolumeId, vmRef, volumeId } from '../../src/model/ids.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import { loadCloud } from '../../src/providers/openstack/config/load-cloud.js';
import { inFolder } from '../manifest/in-folder.js';
import * as s from '../plan/plan-fixture.js';
import { NovaFixture, SERVER } from '../providers/openstack/nova-fixture.js';
import { OldCloud } from '../providers/openstack/old-cloud.js';
import { PASSWORD, SimCloud } from '../providers/openstack/sim-cloud.js';
import { desiredOf } from './plan-trial.js';
import { cloud as cloudOf, made, off } from './target-world.js';
import { refused, stepOf, type Trial } from './tried.js';

type Fields = Readonly<Record<string, string>>;

interface ReachTrial {
  readonly advice: string;
  readonly tls?: boolean;
  /** Fields of the cloud in clouds.yaml; `CA` is the file of the simulator's authority. */
  readonly before: Fields;
  readonly after: Fields;
}

/** Logs in and asks for what is there, by a clouds.yaml with these fields. */
const reach = (cloud: SimCloud, fields: Fields): Promise<unknown> =>
  inFolder({}, async (folder) => {
    const { caFile } = cloud.sim;
    if (caFile !== undefined) copyFileSync(caFile, join(folder, 'ca.pem'));
    const auth = {
      auth_url: cloud.sim.authUrl,
      username: 'demo',
      password: PASSWORD,
      project_name: 'demo',
      user_domain_name: 'Default',
      project_domain_name: 'Default',
    };
    const section = Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key, value.replace('CA', join(folder, 'ca.pem'))]),
    );
    writeFileSync(join(folder, 'clouds.yaml'), JSON.stringify({ clouds: { prod: { ...section, auth } } }));
    await using provider = await cloud.open({ cloud: loadCloud('prod', { HOME: folder }, folder) });
    return await provider.observe();
  });

const catalog = 'Check region_name and interface of the cloud in <…>.';
const reaches: readonly ReachTrial[] = [
  { advice: catalog, before: { region_name: 'Nowhere' }, after: {} },
  { advice: catalog, before: { region_name: 'Nowhere', interface: 'internal' }, after: { interface: 'public' } },
  { advice: "Write the CA's file as cacert of the cloud in clouds.yaml.", tls: true, before: {}, after: { cacert: 'CA' } },
  {
    advice: 'Correct <…> in clouds.yaml, or make <…> readable.',
    tls: true,
    before: { cacert: 'CA.old' },
    after: { cacert: 'CA' },
  },
];

const reachTrial = ({ advice, tls = false, before, after }: ReachTrial): Trial => ({
  advice,
  run: async () => {
    await using cloud = await SimCloud.start({}, { tls });
    stepOf(await refused(() => reach(cloud, before)), advice);
    await reach(cloud, after);
  },
});

const MAC = '00:50:56:aa:bb:01';

interface ServerTrial {
  readonly advice: string;
  readonly before: ServerRequest['ports'];
  readonly after: ServerRequest['ports'];
}

const fixed = { network: 'lan', fixedIps: ['192.168.88.20'] };
const taken = 'Another port on network <…> has the address: delete it, or write mac: new or another fixedIp in the manifest.';
const foreign =
  'Network <…> may not let its users choose addresses, address pairs and port security: write target.server.networks with mac: new and none of them, or ask for the right to.';
const servers: readonly ServerTrial[] = [
  { advice: taken, before: [fixed], after: [{ network: 'lan', fixedIps: ['192.168.88.21'] }] },
  { advice: taken, before: [{ network: 'lan', mac: MAC }], after: [{ network: 'lan' }] },
  { advice: foreign, before: [{ network: 'public', mac: MAC }], after: [{ network: 'public' }] },
];

const request = (volume: VolumeId, name: string, ports: ServerRequest['ports']): ServerRequest => ({
  name,
  flavor: 'm1.small',
  ports,
  volumes: [volume],
  metadata: { 'migplan.vm': name },
  identityKey: 'migplan.vm',
});

const plant = ({ sim }: SimCloud): VolumeId =>
  volumeId(sim.control.createVolume({ project: 'demo', name: 'root', sizeGiB: 1, bootable: true }).id);

const serverTrial = ({ advice, before, after }: ServerTrial): Trial => ({
  advice,
  run: async () => {
    await using cloud = await SimCloud.start();
    await using provider = await cloud.open();
    const create = (name: string, ports: ServerRequest['ports']) => provider.createServer(request(plant(cloud), name, ports));
    await create('other', [{ ...fixed, mac: MAC }]);
    stepOf(await refused(() => create('mine', before)), advice);
    expect((await create('mine', after)).status).toBe('ACTIVE');
  },
});

/** The plan writes the type on the volume first; the server in ERROR is taken away by the one that is made. */
const machineType = ['pc', 'q35'].map(
  (hwMachineType): Trial => ({
    advice:
      'If no compute host has its machine type: set hwMachineType: pc or q35, and plan again; the server is then deleted and made anew.',
    run: async () => {
      const unknown = { imageMetadata: { hw_machine_type: 'pc-i440fx-99.9' } };
      await using cloud = await SimCloud.start();
      await using provider = await cloud.open();
      const volume = plant(cloud);
      cloud.sim.control.changeVolume(volume, unknown);
      const create = () => provider.createServer(request(volume, 'mine', []));
      stepOf(await refused(create), machineType[0]!.advice);

      const reading = s.reading({ kind: 'converted', from: s.at(5) });
      const failed = { id: s.serverId('srv'), name: 'mine', status: 'ERROR' };
      const seen = { ...cloudOf(), ...off, volumes: { '2000': [s.volume({ reading, ...unknown })] }, server: failed };
      const desired = await desiredOf({ ...made(), hwMachineType }, {});
      const { actions } = planMigration(desired, s.observed(seen), { now: s.NOW });
      expect(actions.map(({ kind }) => kind)).toEqual(['set-image-metadata', 'create-server']);
      await provider.writeImageMetadata(volume, { set: { hw_machine_type: hwMachineType }, unset: [] });
      expect((await create()).status).toBe('ACTIVE');
      expect(cloud.sim.control.servers()).toHaveLength(1);
    },
  }),
);

const noRoom: Trial = {
  advice: 'If no host has room for its flavor: ask who runs the cloud, then run the same plan again; the server is made anew.',
  run: async () => {
    await using cloud = await SimCloud.start({ hypervisor: { noValidHost: true } });
    await using provider = await cloud.open();
    const volume = plant(cloud);
    const create = () => provider.createServer(request(volume, 'mine', []));
    stepOf(await refused(create), noRoom.advice);
    cloud.sim.control.setHypervisor({ noValidHost: false });
    expect((await create()).status).toBe('ACTIVE');
  },
};

/** Somebody gave the disk to another server. */
const atStranger: Trial = {
  advice: 'If server <…> is not to have it: openstack server remove volume <…> <…>; then run again.',
  run: async () => {
    await using cloud = await SimCloud.start();
    await using provider = await cloud.open();
    const volume = plant(cloud);
    const theirs = await provider.createServer({ ...request(plant(cloud), 'other', []), volumes: [plant(cloud), volume] });
    const create = () => provider.createServer(request(volume, 'mine', []));
    stepOf(await refused(create), atStranger.advice);
    const login = { authUrl: cloud.sim.authUrl, user: 'demo', password: PASSWORD, project: 'demo' };
    const client = await connectClient(login, async () => cloud.sim.control.advance(1000));
    const removed = await client.call('compute', 'DELETE', `/servers/${theirs.id}/os-volume_attachments/${volume}`);
    expect(removed.status).toBe(202);
    cloud.sim.control.advance(60_000);
    expect((await create()).status).toBe('ACTIVE');
  },
};

const signal = new AbortController().signal;
const slot = (provider: TargetProvider, volume: VolumeId): Promise<AsyncDisposable> => provider.takeSlots!([volume], signal);

interface HostTrial {
  readonly advice: string;
  /** `access.server` that gets the advice, and the right one. */
  readonly before: string;
  readonly after: (fixture: NovaFixture) => string;
  /** Another server has the same name. */
  readonly hasTwin?: boolean;
}

const nameIt =
  'Write in access of the Project the name or id of the server that migplan runs on; it has to be in the project that volumes are made in.';
const hosts: readonly HostTrial[] = [
  { advice: nameIt, before: 'conversion', after: () => SERVER },
  { advice: nameIt, before: 'conversion', after: ({ host }) => host.id },
  {
    advice: 'Write the id of the conversion host in access of the Project.',
    before: SERVER,
    hasTwin: true,
    after: ({ host }) => host.id,
  },
];

const hostTrial = ({ advice, before, after, hasTwin = false }: HostTrial): Trial => ({
  advice,
  run: async () => {
    const fixture = await NovaFixture.start();
    if (hasTwin) await (await fixture.open()).createServer(request(plant(fixture.cloud), SERVER, []));
    stepOf(await refused(async () => slot(await fixture.open({ server: before }), fixture.plant())), advice);
    const found = await slot(await fixture.open({ server: after(fixture) }), fixture.plant());
    await found[Symbol.asyncDispose]();
  },
});

/** A q35 host takes one more disk. With `maxVolumes` that says so, the second waits for the first, and gets its place. */
const fewerAtATime: Trial = {
  advice: 'Fewer disks at a time: maxVolumes of access, or limits.transfers.',
  run: async () => {
    const fixture = await NovaFixture.start({ host: { machineType: 'q35' } });
    const [first, second] = [fixture.plant(), fixture.plant()];
    const careless = await fixture.open();
    const early = await careless.reserve(first);
    await careless.connect(first, early);
    const late = await careless.reserve(second).then((attachment) => refused(() => careless.connect(second, attachment)));
    stepOf(late, fewerAtATime.advice);
    await careless.release(early);

    const careful = await fixture.open({ maxVolumes: 2 });
    const work = async (volume: VolumeId): Promise<void> => {
      await using _ = await slot(careful, volume);
      const attachment = await careful.reserve(volume);
      await careful.connect(volume, attachment);
      await careful.release(attachment);
    };
    await Promise.all([work(first), work(second)]);
  },
};

/** Room for one clone: both disks at once are refused, one after the other they are read. */
const oneCloneAtATime: Trial = {
  advice: 'With limits.transfers: 1, and --parallelism 1, there is one such volume at a time.',
  run: async () => {
    await using old = await OldCloud.start();
    const { id } = await old.plant();
    await using source = await old.openByClone();
    const name = 'migplan-run1-legacy-app-c1';
    const frozen = await source.createSnapshot(vmRef(id), { name, description: '{"tool":"migplan"}' });
    const { control } = old.cloud.sim;
    control.setQuota('demo', { volumes: control.volumes().length + 1 });
    const disks = frozen.disks.map(({ key }) => key);
    const together = await Promise.allSettled(disks.map((key) => source.reader(frozen, key)));
    const failed = together.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    stepOf(await refused(() => Promise.reject(failed.reason)), oneCloneAtATime.advice);
    for (const answer of together) if (answer.status === 'fulfilled') await answer.value.release!();
    for (const key of disks) await (await source.reader(frozen, key)).release!();
    await source.removeSnapshot(vmRef(id), frozen.ref);
  },
};

export const simCloudTrials: readonly Trial[] = [
  ...reaches.map(reachTrial),
  ...servers.map(serverTrial),
  ...hosts.map(hostTrial),
  ...machineType,
  noRoom,
  atStranger,
  fewerAtATime,
  oneCloneAtATime,
];
