import { describe, expect, test } from 'vitest';
import type { SourceProvider } from '../../../src/contracts/source-provider.js';
import type { CinderAccess } from '../../../src/providers/openstack/config/cloud-config.js';
import { OldCloud } from './old-cloud.js';

const RBD = { driver_volume_type: 'rbd', name: 'volumes/volume-VOLUME', auth_username: 'cinder' };
const rbd = { conf: '/etc/ceph/old.conf', user: 'cinder' };

interface Row {
  readonly name: string;
  readonly connection?: Readonly<Record<string, unknown>>;
  readonly access?: (folder: string) => CinderAccess;
  /** Of each of two disks. */
  readonly reach: unknown;
}

const plain = (): CinderAccess => ({ type: 'cinder' });

const rows: readonly Row[] = [
  { name: 'Ceph, with settings', connection: RBD, access: () => ({ type: 'cinder', rbd }), reach: undefined },
  { name: 'Ceph without rbd settings', connection: RBD, access: plain, reach: { kind: 'no-rbd' } },
  {
    name: 'Fibre Channel',
    connection: { driver_volume_type: 'fibre_channel', target_wwn: ['500a'], target_lun: 1 },
    access: () => ({ type: 'cinder', rbd }),
    reach: { kind: 'driver', driver: 'fibre_channel' },
  },
  {
    name: 'iSCSI, although its portal is named for writing',
    connection: { driver_volume_type: 'iscsi', target_portal: '192.0.2.1:3260' },
    access: () => ({ type: 'cinder', iscsi: { portals: ['192.0.2.1:3260'] } }),
    reach: { kind: 'driver', driver: 'iscsi' },
  },
  {
    name: 'a driver that nobody knows',
    connection: { driver_volume_type: 'constructor' },
    access: plain,
    reach: { kind: 'driver', driver: 'constructor' },
  },
  { name: 'an attachment without connection info', connection: {}, access: plain, reach: { kind: 'not-told' } },
  {
    name: 'local files below the named folder',
    access: (folder) => ({ type: 'cinder', local: { folders: [folder] } }),
    reach: undefined,
  },
  { name: 'local files and no folder', access: plain, reach: { kind: 'folder', path: expect.stringMatching(/\/volume-/) } },
  {
    name: 'local files below another folder',
    access: () => ({ type: 'cinder', local: { folders: ['/var/lib/cinder/volumes'] } }),
    reach: { kind: 'folder', path: expect.stringMatching(/\/volume-/) },
  },
];

const reachesOf = async (source: SourceProvider, server: string): Promise<unknown[]> => {
  const [lookup] = await source.observe([{ kind: 'server', server }]);
  return lookup?.kind === 'found' ? lookup.vm.disks.map(({ outOfReach }) => outOfReach) : [lookup];
};

const start = (connection?: Row['connection']): Promise<OldCloud> =>
  OldCloud.start({ volumeTypes: [{ name: 'old', default: true, ...(connection !== undefined && { connection }) }] });

describe('volumes of an old cloud that cannot be read are known before anything is touched', () => {
  test.each(rows)('$name', async ({ connection, access, reach }) => {
    await using old = await start(connection);
    const { id } = await old.plant();
    await using source = await old.open(access?.(old.cloud.folder));
    expect(await reachesOf(source, id)).toEqual([reach, reach]);
  });

  test('by way of a server of that cloud every kind is read', async () => {
    await using old = await start({ driver_volume_type: 'fibre_channel' });
    const { id } = await old.plant();
    await using source = await old.openByClone();
    expect(await reachesOf(source, id)).toEqual([undefined, undefined]);
  });

  test('where the role may not list attachments nothing is said: the first reading finds it', async () => {
    await using old = await start(RBD);
    const { id } = await old.plant();
    await using source = await old.open({ type: 'cinder' });
    old.cloud.sim.control.addFault({ path: '/attachments/detail', do: { status: 403 } });
    expect(await reachesOf(source, id)).toEqual([undefined, undefined]);
  });

  test('one list for all servers, and no login of a backend stays', async () => {
    await using old = await start({ driver_volume_type: 'iscsi', auth_password: 'chap-secret' });
    await old.plant();
    await old.plant({ name: 'second' });
    await using source = await old.open({ type: 'cinder' });
    old.cloud.sim.control.clearCalls();
    const found = await source.list();
    const calls = old.cloud.sim.control.calls().filter(({ path }) => path.includes('/attachments'));
    expect(calls.map(({ path }) => path.replace(/^.*(?=\/attachments)|\?.*/g, ''))).toEqual([
      '/attachments/detail',
      '/attachments/detail',
    ]);
    expect(JSON.stringify(found)).not.toContain('chap-secret');
  });
});
