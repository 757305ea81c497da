import type { ConformanceClient } from './client.js';
import { act, brief, type ConformanceRow, until, withoutIds, withVolume } from './row.js';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

/** Volumes made from snapshots. */
export function cloneRows(client: ConformanceClient): ConformanceRow[] {
  const area = 'clones';
  const create = async (fields: object): Promise<string> =>
    brief(await client.call('volumev3', 'POST', '/volumes', { body: { volume: fields } }));
  return [
    {
      area,
      name: 'without a size it has the snapshot’s; type, zone, bootable and image metadata come along, metadata does not',
      expected:
        '{"status":"available","size":2,"snapshot_id":"<id>","sameType":true,"sameZone":true,"bootable":"true","volume_image_metadata":{"hw_disk_bus":"virtio"},"metadata":{"mine":"yes"}}',
      run: () => withVolume(client, (id) => cloneShown(client, id), { size: 2, metadata: { theirs: 'yes' } }),
    },
    {
      area,
      name: 'smaller than the snapshot',
      expected:
        "400 badRequest: Invalid input received: Volume size '1'GB cannot be smaller than the snapshot size 2GB. They must be >= original snapshot size.",
      run: () =>
        withVolume(client, (id) => withSnapshot(client, id, (snapshot_id) => create({ snapshot_id, size: 1 })), { size: 2 }),
    },
    {
      area,
      name: 'of a snapshot that does not exist',
      expected: '404 itemNotFound: Snapshot <id> could not be found.',
      run: () => create({ snapshot_id: UNKNOWN, size: 1 }),
    },
    {
      area,
      name: 'a snapshot that has a clone is asked to be deleted, and stays',
      expected: '202 available',
      run: () => withVolume(client, (id) => withSnapshot(client, id, (snapshot) => deletedUnderClone(client, snapshot))),
    },
  ];
}

async function cloneShown(client: ConformanceClient, id: string): Promise<string> {
  await act(client, id, { 'os-set_bootable': { bootable: true } });
  await act(client, id, { 'os-set_image_metadata': { metadata: { hw_disk_bus: 'virtio' } } });
  const original = (await client.call('volumev3', 'GET', `/volumes/${id}`)).body.volume;
  return withSnapshot(client, id, (snapshot_id) =>
    withVolume(
      client,
      async (clone) => {
        const shown = (await client.call('volumev3', 'GET', `/volumes/${clone}`)).body.volume;
        const { status, size, bootable, volume_image_metadata, metadata } = shown;
        const same = {
          sameType: shown.volume_type === original.volume_type,
          sameZone: shown.availability_zone === original.availability_zone,
        };
        const { snapshot_id: of } = shown;
        return withoutIds(JSON.stringify({ status, size, snapshot_id: of, ...same, bootable, volume_image_metadata, metadata }));
      },
      { size: undefined, snapshot_id, metadata: { mine: 'yes' } },
    ),
  );
}

const deletedUnderClone = (client: ConformanceClient, snapshot: string): Promise<string> =>
  withVolume(
    client,
    async () => {
      const { status } = await client.call('volumev3', 'DELETE', `/snapshots/${snapshot}`);
      return `${status} ${await snapshotAfter(client, snapshot, 'deleting')}`;
    },
    { snapshot_id: snapshot },
  );

const snapshotStatus = async (client: ConformanceClient, id: string): Promise<string> =>
  (await client.call('volumev3', 'GET', `/snapshots/${id}`)).body.snapshot?.status ?? 'gone';

/** The first status that is not the passing one. */
const snapshotAfter = (client: ConformanceClient, id: string, passing: string): Promise<string> =>
  until(
    client,
    () => snapshotStatus(client, id),
    (status) => status !== passing,
  );

async function withSnapshot<T>(client: ConformanceClient, volume_id: string, use: (id: string) => Promise<T>): Promise<T> {
  const made = await client.call('volumev3', 'POST', '/snapshots', { body: { snapshot: { volume_id } } });
  if (made.status !== 202) throw new Error(`a snapshot for the row was refused: ${brief(made)}`);
  const id: string = made.body.snapshot.id;
  await snapshotAfter(client, id, 'creating');
  try {
    return await use(id);
  } finally {
    await client.call('volumev3', 'DELETE', `/snapshots/${id}`);
    await until(
      client,
      () => snapshotStatus(client, id),
      (status) => status === 'gone',
    );
  }
}
