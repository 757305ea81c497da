import type { SnapshotDisk, SourceSnapshot } from '../../../contracts/source-provider.js';
import { uninterrupted } from '../../../host/interruption.js';
import { type SnapshotRef, snapshotRef, type VmRef } from '../../../model/ids.js';
import { plainName } from '../../../model/plain-text.js';
import type { CloudClient } from '../http/cloud-client.js';
import { createOnce } from '../http/create-once.js';
import { deleteUnlessBusy } from '../http/delete-if-there.js';
import { conflict, failed, tooSlow } from '../http/errors.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { pollUntil } from '../http/poll.js';
import { failureReason } from '../objects/failure-messages.js';
import { type SourceDisk, sourceDisks } from './source-disks.js';
import { listSnapshots } from './source-lists.js';
import { readServer } from './source-power.js';

const CALL = 'POST /snapshots';
/** Cinder keeps no more of a description. */
const DESCRIPTION_MAX = 255;

export interface SnapshotRequest {
  readonly name: string;
  readonly description: string;
}

export interface SnapshotOptions {
  readonly timeoutMs: number;
  /** As in SnapshotAccess. */
  fileOf(volume: string, snapshot: string): Promise<string>;
}

/**
 * One Cinder snapshot of each volume, all of the same name: that name is the whole snapshot's ref. Volumes of a running
 * server are frozen one after the other, each like a disk whose power failed. When not all can be taken, none is left.
 */
export async function createSnapshot(
  client: CloudClient,
  vm: VmRef,
  { name, description }: SnapshotRequest,
  { timeoutMs, fileOf }: SnapshotOptions,
): Promise<SourceSnapshot> {
  const ref = snapshotRef(plainName(name));
  const disks = await currentDisks(client, vm);
  try {
    const snapshotDisk: SnapshotDisk[] = [];
    for (const { disk, volume } of disks) {
      const id = await snapshotVolume(client, volume.id, { name: ref, description: description.slice(0, DESCRIPTION_MAX) });
      await untilAvailable(client, id, timeoutMs);
      const { key, uuid, capacity } = disk;
      snapshotDisk.push({ key, uuid, capacity, file: await fileOf(volume.id, id) });
    }
    return { ref, vm, name, disks: snapshotDisk };
  } catch (error) {
    // The first failure is the one to tell; what this leaves behind the ledger knows by its name.
    await uninterrupted(() => removeSnapshot(client, ref, timeoutMs)).catch(() => undefined);
    throw error;
  }
}

async function currentDisks(client: CloudClient, vm: VmRef): Promise<SourceDisk[]> {
  const server = await readServer(client, vm);
  const ids = server
    .at('os-extended-volumes:volumes_attached')
    .list()
    .map((entry) => entry.at('id').text());
  const volumes: JsonCursor[] = [];
  for (const id of ids) {
    volumes.push((await client.ask({ service: 'volume', method: 'GET', path: `/volumes/${id}` })).at('volume'));
  }
  const disks = sourceDisks(vm, volumes);
  if (disks.length !== ids.length) throw conflict(client.site(CALL), `volumes of server ${vm} are being attached or detached`);
  return disks;
}

/** `force`: the volume is in use. The one that a lost answer left, or an earlier try, is taken. */
async function snapshotVolume(client: CloudClient, volume: string, request: SnapshotRequest): Promise<string> {
  const find = async (): Promise<string | undefined> => {
    const made = (await named(client, request.name)).filter((snapshot) => snapshot.at('volume_id').text() === volume);
    return made[0]?.at('id').text();
  };
  const earlier = await find();
  if (earlier !== undefined) return earlier;
  const body = { snapshot: { volume_id: volume, force: true, ...request } };
  return createOnce({
    clock: client.clock,
    send: async () => {
      const answer = await client.ask({ service: 'volume', method: 'POST', path: '/snapshots', body });
      return answer.at('snapshot').at('id').text();
    },
    find,
  });
}

const named = async (client: CloudClient, name: string): Promise<JsonCursor[]> =>
  (await listSnapshots(client)).filter((snapshot) => snapshot.at('name').optionalText() === name);

async function untilAvailable(client: CloudClient, id: string, timeoutMs: number): Promise<void> {
  const site = client.site(CALL);
  const done = await pollUntil(client.clock, timeoutMs, async () => {
    const answer = await client.ask({ service: 'volume', method: 'GET', path: `/snapshots/${id}` });
    const status = answer.at('snapshot').at('status').text();
    if (status === 'available') return true;
    if (!status.startsWith('error')) return undefined;
    throw failed(site, `snapshot ${id} went to ${status}: ${(await failureReason(client, id)) ?? 'the cloud gives no reason'}`);
  });
  if (!done) throw tooSlow(site, `snapshot ${id} is not available after ${Math.round(timeoutMs / 1000)} s`);
}

/** Waits until all are gone. Those that are gone already are removed. */
export async function removeSnapshot(client: CloudClient, ref: SnapshotRef, timeoutMs: number): Promise<void> {
  const asked = new Set<string>();
  const done = await pollUntil(client.clock, timeoutMs, async () => {
    const left = await named(client, ref);
    for (const snapshot of left) {
      const id = snapshot.at('id').text();
      const status = snapshot.at('status').text();
      if (status === 'deleting') continue;
      if (status.startsWith('error') && asked.has(id)) {
        throw failed(client.site(`DELETE /snapshots/${id}`), `snapshot ${id} went to ${status}`);
      }
      await deleteUnlessBusy(client, 'volume', `/snapshots/${id}`);
      asked.add(id);
    }
    return left.length === 0 ? true : undefined;
  });
  if (!done) throw tooSlow(client.site('DELETE /snapshots'), `snapshot ${ref} is still there`);
}
