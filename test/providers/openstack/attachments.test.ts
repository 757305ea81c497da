import { afterEach, describe, expect, test } from 'vitest';
import type { TargetProvider } from '../../../src/contracts/target-provider.js';
import { type AttachmentId, attachmentId, type VolumeId, volumeId } from '../../../src/model/ids.js';
import { decodeBlock } from '../../../src/providers/openstack/access/connection-info.js';
import type { CinderAccess } from '../../../src/providers/openstack/config/cloud-config.js';
import { JsonCursor } from '../../../src/providers/openstack/http/json-cursor.js';
import { refusalOf } from './refusal-of.js';
import { SimCloud } from './sim-cloud.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(): Promise<{ cloud: SimCloud; provider: TargetProvider }> {
  const cloud = await SimCloud.start();
  closing.push(() => cloud[Symbol.asyncDispose]());
  return { cloud, provider: await cloud.open() };
}

const plant = ({ sim }: SimCloud, change: object = {}): VolumeId =>
  volumeId(sim.control.createVolume({ project: 'demo', name: 'v', sizeGiB: 1, ...change }).id);

const POST_ATTACHMENT = { service: 'volume', method: 'POST', path: '/attachments$' } as const;

describe('reserve', () => {
  test('is a lock for the whole cloud: no deletion, no second holder', async () => {
    const { cloud, provider } = await start();
    const volume = plant(cloud);
    const attachment = await provider.reserve(volume);
    const { said } = await refusalOf((await cloud.open()).reserve(volume));
    expect(said).toBe(`held MP4002 volume ${volume} is reserved by attachment ${attachment}`);
  });

  // Cinder pages by a marker, and answers 404 when the marker was deleted meanwhile.
  const NEXT_PAGE = { service: 'volume', method: 'GET', path: '/attachments\\?.*marker=' } as const;
  const goneMarker = { status: 404, message: 'Volume attachment could not be found with filter: attachment_id = x.' };

  test('an attachment of others that goes away while the list is read: it is read anew', async () => {
    const { cloud, provider } = await start();
    const volume = plant(cloud);
    const attachment = await provider.reserve(volume);
    cloud.sim.control.addFault({ ...NEXT_PAGE, nth: 1, do: goneMarker });
    const { said } = await refusalOf(provider.reserve(volume));
    expect(said).toBe(`held MP4002 volume ${volume} is reserved by attachment ${attachment}`);
  });

  test('a list that never holds still is an error', async () => {
    const { cloud, provider } = await start();
    const volume = plant(cloud);
    await provider.reserve(volume);
    cloud.sim.control.addFault({ ...NEXT_PAGE, do: goneMarker });
    expect((await refusalOf(provider.reserve(volume))).said).toContain('its entries went away while it was read, 10 times');
  });

  test('an answer that is lost leaves one attachment, ours', async () => {
    const { cloud, provider } = await start();
    const volume = plant(cloud);
    cloud.sim.control.addFault({ ...POST_ATTACHMENT, nth: 1, when: 'after', do: { drop: true } });
    const attachment = await provider.reserve(volume);
    expect(cloud.sim.control.attachments().map(({ id }) => id)).toEqual([attachment]);
  });

  // Our request is lost before it arrives, and another run reserves while we look for what it did.
  async function race(theyDo: (other: TargetProvider, volume: VolumeId) => Promise<AttachmentId>) {
    const { cloud } = await start();
    const volume = plant(cloud);
    const other = await cloud.open();
    let theirs: Promise<AttachmentId> | undefined;
    const sleep = async (ms: number): Promise<void> => {
      theirs ??= theyDo(other, volume);
      await theirs;
      await cloud.clock.sleep(ms);
    };
    const provider = await cloud.open(
      {},
      {
        now: () => cloud.clock.now(),
        monotonicMs: () => cloud.clock.monotonicMs(),
        sleep,
      },
    );
    cloud.sim.control.addFault({ ...POST_ATTACHMENT, nth: 1, do: { drop: true } });
    const ours = provider.reserve(volume);
    return { cloud, volume, other, ours, theirs: () => theirs! };
  }

  test('after a lost answer another run that has connected keeps its volume', async () => {
    const { cloud, ours, theirs } = await race(
      async (other, volume) => (await other.connect(volume, await other.reserve(volume))).attachment,
    );
    expect((await refusalOf(ours)).said).toContain(`is in-use by attachment ${await theirs()}`);
    expect(cloud.sim.control.attachments()).toMatchObject([{ id: await theirs(), status: 'attached' }]);
  });

  test('after a lost answer there is one writer: the run whose reservation was replaced cannot connect', async () => {
    const { volume, other, ours, theirs, cloud } = await race((provider, wanted) => provider.reserve(wanted));
    const attachment = await ours;
    expect((await refusalOf(other.connect(volume, await theirs()))).said).toMatch(/^not-found MP4006/);
    expect(cloud.sim.control.attachments()).toMatchObject([{ id: attachment }]);
  });

  test('a lost answer does not touch a reservation that was there before', async () => {
    const { cloud, provider } = await start();
    const volume = plant(cloud);
    const theirs = await (await cloud.open()).reserve(volume);
    cloud.sim.control.addFault({ ...POST_ATTACHMENT, nth: 2, do: { drop: true } });
    expect((await refusalOf(provider.reserve(volume))).said).toContain(`is reserved by attachment ${theirs}`);
    expect(cloud.sim.control.attachments()).toMatchObject([{ id: theirs }]);
  });

  test('a volume in error is not held, it is in the wrong state', async () => {
    const { cloud, provider } = await start();
    const volume = plant(cloud, { status: 'error' });
    expect((await refusalOf(provider.reserve(volume))).said).toMatch(/^conflict MP4002 HTTP 400: .*current status is error/);
  });

  test('a volume that can be attached several times cannot be locked', async () => {
    const { cloud, provider } = await start();
    const { said, error } = await refusalOf(provider.reserve(plant(cloud, { volumeType: 'shared' })));
    expect(said).toMatch(/^unsupported MP4002 volume \S+ can be attached several times/);
    expect(error.details.nextSteps).toEqual(['Use a volume type without multiattach.']);
    expect(cloud.sim.control.attachments()).toEqual([]);
  });
});

describe('connect', () => {
  test('gives the file of a local volume, and holds it in use', async () => {
    const { cloud, provider } = await start();
    const volume = plant(cloud);
    const held = await provider.connect(volume, await provider.reserve(volume));
    expect(held.block).toEqual({ driver: 'file', path: cloud.sim.control.volumes()[0]?.file });
    expect(cloud.sim.control.attachments()[0]).toMatchObject({ status: 'attached', hostName: 'conv1', instanceId: null });
  });

  test.each(['PUT', 'POST'])('is repeated when the answer to %s is lost', async (method) => {
    const { cloud, provider } = await start();
    const volume = plant(cloud);
    const attachment = await provider.reserve(volume);
    cloud.sim.control.addFault({ service: 'volume', method, path: '/attachments/', times: 2, when: 'after', do: { drop: true } });
    await provider.connect(volume, attachment);
    expect(cloud.sim.control.volumes()[0]?.status).toBe('in-use');
  });

  test('an encrypted volume is not opened, and not completed', async () => {
    const { cloud, provider } = await start();
    const volume = plant(cloud, { volumeType: 'luks' });
    const attachment = await provider.reserve(volume);
    expect((await refusalOf(provider.connect(volume, attachment))).said).toMatch(/^unsupported MP4002 the volume is encrypted/);
    expect(cloud.sim.control.attachments()[0]?.status).toBe('attaching');
    await provider.release(attachment);
    expect(cloud.sim.control.volumes()[0]?.status).toBe('available');
  });

  test('an attachment that somebody took away', async () => {
    const { cloud, provider } = await start();
    const volume = plant(cloud);
    const attachment = await provider.reserve(volume);
    await provider.release(attachment);
    expect((await refusalOf(provider.connect(volume, attachment))).said).toMatch(/^not-found MP4006/);
  });
});

test('release: repeated when the answer is lost; a server’s volume is refused', async () => {
  const { cloud, provider } = await start();
  const volume = plant(cloud, { bootable: true });
  const attachment = await provider.reserve(volume);
  cloud.sim.control.addFault({
    service: 'volume',
    method: 'DELETE',
    path: '/attachments/',
    times: 1,
    when: 'after',
    do: { drop: true },
  });
  await provider.release(attachment);
  expect(cloud.sim.control.attachments()).toEqual([]);
  const server = {
    name: 's',
    flavor: 'm1.small',
    ports: [],
    volumes: [volume],
    metadata: { id: '1' },
    identityKey: 'id',
  };
  await provider.createServer(server);
  const [novas] = cloud.sim.control.attachments();
  expect((await refusalOf(provider.release(attachmentId(novas!.id)))).said).toMatch(
    /^conflict MP4002 HTTP 409: ConflictNovaUsingAttachment/,
  );
});

describe('connection_info', () => {
  const site = { provider: 'prod', call: 'PUT /attachments/1' };
  const volume = volumeId('9a5db54d-0c1f-4c8e-9d51-3d4a8c0f6c11');
  const named: CinderAccess = {
    type: 'cinder',
    nfs: { exports: ['filer:/exports/cinder', '[2001:db8::1]:/'] },
    iscsi: { portals: ['192.0.2.10:3260'] },
  };
  const decode = async (info: object, access: CinderAccess = named) => {
    const answer = JsonCursor.parse(site, { status: 200, headers: {}, text: JSON.stringify(info) });
    const open = await decodeBlock(answer, { site, access, volume, initiator });
    await open.close();
    return open.block;
  };
  const initiator = 'iqn.2026-11.dev.migplan:host';
  const rbd = { conf: '/etc/ceph/ceph.conf', user: 'cinder' };

  test('rbd: pool and image from the name, the rest from the Project', async () => {
    const info = {
      driver_volume_type: 'rbd',
      name: 'volumes/volume-9a5d',
      auth_username: 'other',
      secret_uuid: 'x',
      encrypted: false,
    };
    expect(await decode(info, { type: 'cinder', rbd })).toEqual({ driver: 'rbd', pool: 'volumes', image: 'volume-9a5d', ...rbd });
    const { said, error } = await refusalOf(decode(info));
    expect(said).toBe('unsupported MP4002 the volume is on Ceph RBD, and the Project does not say how to reach it');
    expect(error.details.nextSteps?.[0]).toContain('rbd: {conf: /etc/ceph/ceph.conf, user: cinder}');
  });

  const iscsi = {
    driver_volume_type: 'iscsi',
    target_portal: '192.0.2.10:3260',
    target_iqn: 'iqn.2010-10.org.openstack:volume-9a5d',
    target_lun: 1,
    auth_method: 'CHAP',
    auth_username: 'u',
    auth_password: 'chap-secret',
  };
  const nfs = { driver_volume_type: 'nfs', export: 'filer:/exports/cinder/', name: `volume-${volume}`, options: null };

  test('iscsi: with the name that Cinder was told, and the login of the target', async () => {
    const opened = await decode(iscsi);
    const target = { portal: '192.0.2.10:3260', target: 'iqn.2010-10.org.openstack:volume-9a5d', lun: 1 };
    expect(opened).toMatchObject({ driver: 'iscsi', ...target, initiator, chap: { user: 'u' } });
    expect(JSON.stringify(opened)).not.toContain('chap-secret');
    expect(await decode({ ...iscsi, auth_method: undefined })).toEqual({ driver: 'iscsi', ...target, initiator });
  });

  test.each([
    [{}, { host: 'filer', path: `/exports/cinder/volume-${volume}`, format: 'raw' }],
    [{ format: 'qcow2' }, { host: 'filer', path: `/exports/cinder/volume-${volume}`, format: 'qcow2' }],
    [{ export: '[2001:db8::1]:/' }, { host: '2001:db8::1', path: `/volume-${volume}`, format: 'raw' }],
  ])('nfs: %j', async (over, expected) => {
    expect(await decode({ ...nfs, ...over })).toEqual({ driver: 'nfs', ...expected });
  });

  test.each([
    [
      'Fibre Channel',
      { driver_volume_type: 'fibre_channel', target_wwn: ['50'] },
      "unsupported MP4002 volumes of this type are served by 'fibre_channel', which cannot be opened from user space here",
    ],
    [
      'iscsi with another authentication',
      { ...iscsi, auth_method: 'SRP' },
      "unsupported MP4002 the iSCSI target wants authentication by 'SRP'",
    ],
    ['iscsi without a target', { ...iscsi, target_iqn: undefined }, 'invalid MP4007 target_iqn is not text'],
    ['nfs, no folder', { ...nfs, export: 'filer' }, "invalid MP4007 connection_info.export 'filer' is not host:/path"],
    ['nfs, vmdk', { ...nfs, format: 'vmdk' }, "unsupported MP4002 the volume is a file of format 'vmdk'"],
    [
      'no slash',
      { driver_volume_type: 'rbd', name: 'volume-9a5d' },
      "invalid MP4007 connection_info.name 'volume-9a5d' is not pool/image",
    ],
    ['empty', {}, 'invalid MP4007 driver_volume_type is not text'],
  ])('%s', async (_name, info, expected) => {
    const { said, error } = await refusalOf(decode(info));
    expect(said).toBe(expected);
    expect(JSON.stringify(error.details)).not.toContain('chap-secret');
  });

  test.each([
    [
      'nfs: another share than the Project names',
      { ...nfs, export: 'evil:/exports/cinder' },
      'on the NFS export evil:/exports/cinder',
    ],
    ['nfs: a share below the one named', { ...nfs, export: 'filer:/exports/cinder/../etc' }, 'on the NFS export'],
    ['nfs: a file out of the share', { ...nfs, name: `../../etc/volume-${volume}` }, 'the cloud names the file'],
    ['nfs: the file of another volume', { ...nfs, name: 'volume-11111111' }, 'the cloud names the file'],
    [
      'iscsi: another portal than the Project names',
      { ...iscsi, target_portal: '198.51.100.66:3260' },
      'iSCSI portal 198.51.100.66',
    ],
  ])('%s', async (_name, info, expected) => {
    const { said, error } = await refusalOf(decode(info));
    expect(said).toMatch(/^unsupported MP4013 /);
    expect(said).toContain(expected);
    expect(error.details.nextSteps).toHaveLength(1);
  });

  test('nfs and iscsi: nothing is opened when the Project names no place', async () => {
    expect((await refusalOf(decode(nfs, { type: 'cinder' }))).error.details.nextSteps?.[0]).toContain(
      'nfs: {exports: ["filer:/exports/cinder/"]}',
    );
    expect((await refusalOf(decode(iscsi, { type: 'cinder' }))).said).toMatch(/^unsupported MP4013/);
  });
});
