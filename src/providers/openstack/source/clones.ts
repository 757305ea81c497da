import { isProviderError, type ProviderError } from '../../../contracts/provider-error.js';
import { type AttachmentId, type SnapshotRef, snapshotRef, type VolumeId, volumeId } from '../../../model/ids.js';
import { attachmentsOf } from '../access/attachments.js';
import type { CloudClient } from '../http/cloud-client.js';
import { createOnce } from '../http/create-once.js';
import { deleteIfThere } from '../http/delete-if-there.js';
import { conflict, failed, notFound, tooSlow, withNextSteps } from '../http/errors.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { listAll } from '../http/pages.js';
import { pollUntil } from '../http/poll.js';
import { failureReason } from '../objects/failure-messages.js';
import { getVolume } from '../objects/get-volume.js';

const CALL = 'POST /volumes';
/** A volume that was in use just now may be busy for a while; more than some minutes of it is no passing state. */
const DELETES_MAX = 60;

/** What a clone was made of: one volume's part of a snapshot. */
export interface CloneOrigin {
  readonly snapshot: SnapshotRef;
  /** The volume that was frozen. */
  readonly volume: string;
}

/** Keys of a clone's metadata. */
const keys = { snapshot: 'migplan_clone_of_snapshot', volume: 'migplan_clone_of_volume' } as const;

const nameOf = ({ snapshot, volume }: CloneOrigin): string => `${snapshot}-${volume}`;

/**
 * What the volume is a clone of; undefined: it is none of ours. Clones are deleted without a question, so name and metadata
 * both have to say it: no tool copies the two together to a volume that somebody needs.
 */
export function originOf(volume: JsonCursor): CloneOrigin | undefined {
  const metadata = volume.at('metadata').texts();
  const [snapshot, frozen] = [metadata[keys.snapshot], metadata[keys.volume]];
  if (snapshot === undefined || frozen === undefined) return undefined;
  const origin = { snapshot: snapshotRef(snapshot), volume: frozen };
  return volume.at('name').optionalText() === nameOf(origin) ? origin : undefined;
}

export interface CloneOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A volume of the same size, type and zone with what the snapshot froze; resolves when it is available, or in use where an
 * earlier reader left it. `snapshot` is Cinder's id of the volume's own snapshot.
 */
export async function cloneOf(
  client: CloudClient,
  origin: CloneOrigin,
  { snapshot, ...options }: CloneOptions & { readonly snapshot: string },
): Promise<VolumeId> {
  const find = async (): Promise<VolumeId | undefined> => {
    const made = (await clonesOf(client, origin.snapshot)).find(
      (clone) => originOf(clone)?.volume === origin.volume && clone.at('status').text() !== 'deleting',
    );
    return made && volumeId(made.at('id').text());
  };
  const id = (await find()) ?? (await create(client, origin, { snapshot, find }));
  await untilUsable(client, id, options);
  return id;
}

interface Creating {
  readonly snapshot: string;
  find(): Promise<VolumeId | undefined>;
}

/** Type and zone are left to Cinder, which takes the snapshot's: some back ends clone to nowhere else. */
async function create(client: CloudClient, origin: CloneOrigin, { snapshot, find }: Creating): Promise<VolumeId> {
  const frozen = (await client.ask({ service: 'volume', method: 'GET', path: `/snapshots/${snapshot}` })).at('snapshot');
  const volume = {
    snapshot_id: snapshot,
    size: frozen.at('size').gibibytes(),
    name: nameOf(origin),
    description: frozen.at('description').optionalText() ?? '',
    metadata: { [keys.snapshot]: origin.snapshot, [keys.volume]: origin.volume },
  };
  try {
    return await createOnce({
      clock: client.clock,
      send: async () => {
        const answer = await client.ask({ service: 'volume', method: 'POST', path: '/volumes', body: { volume } });
        return volumeId(answer.at('volume').at('id').text());
      },
      find,
    });
  } catch (error) {
    if (!isProviderError(error, 'quota')) throw error;
    throw withNextSteps(error, [
      `While a disk is copied it takes one more volume of its size (${volume.size} GiB here) in the project that the server is in: have its quota of volumes and gigabytes raised, or delete what is not needed.`,
      'With limits.transfers: 1, and --parallelism 1, there is one such volume at a time.',
    ]);
  }
}

const usable: readonly string[] = ['available', 'in-use', 'reserved', 'attaching', 'detaching'];

async function untilUsable(client: CloudClient, id: VolumeId, { timeoutMs, signal }: CloneOptions): Promise<void> {
  const site = client.site(CALL);
  const done = await pollUntil(client.clock, timeoutMs, async () => {
    signal?.throwIfAborted();
    const status = (await getVolume(client, id))?.at('status').text() ?? 'deleted';
    if (usable.includes(status)) return true;
    if (status === 'deleting' || status === 'deleted')
      throw notFound(site, `volume ${id} was deleted while it was made of a snapshot`);
    if (!status.startsWith('error')) return undefined;
    const reason = (await failureReason(client, id)) ?? 'the cloud gives no reason';
    throw failed(site, `volume ${id}, made of a snapshot to be read, went to ${status}: ${reason}`);
  });
  if (!done)
    throw tooSlow(site, `volume ${id}, made of a snapshot to be read, is not available after ${Math.round(timeoutMs / 1000)} s`);
}

/** Those of all runs. */
export const listClones = async (client: CloudClient): Promise<JsonCursor[]> =>
  (await listAll(client, { service: 'volume', path: '/volumes/detail', name: 'volumes' })).filter(
    (volume) => originOf(volume) !== undefined,
  );

const clonesOf = async (client: CloudClient, snapshot: SnapshotRef): Promise<JsonCursor[]> =>
  (await listClones(client)).filter((clone) => originOf(clone)?.snapshot === snapshot);

export interface Removal {
  readonly timeoutMs: number;
  /** Only this clone. Absent: all of the snapshot. */
  readonly only?: VolumeId;
  /** Ends an attachment, and waits until it is over. */
  release(attachment: AttachmentId): Promise<void>;
}

/** Detaches and deletes, and waits until they are gone: a snapshot with clones cannot be deleted everywhere. */
export async function removeClones(client: CloudClient, snapshot: SnapshotRef, removal: Removal): Promise<void> {
  const { only, timeoutMs } = removal;
  const asked = new Map<VolumeId, number>();
  const done = await pollUntil(client.clock, timeoutMs, async () => {
    const left = (await clonesOf(client, snapshot)).filter((clone) => only === undefined || clone.at('id').text() === only);
    for (const clone of left) await removeClone(client, clone, { removal, asked });
    return left.length === 0 ? true : undefined;
  });
  if (!done) throw tooSlow(client.site('DELETE /volumes'), `volumes made of snapshot ${snapshot} are still there`);
}

interface Removing {
  readonly removal: Removal;
  /** How many deletes were sent for each. */
  readonly asked: Map<VolumeId, number>;
}

/** One step; what is still being made, or being deleted, is waited for. */
async function removeClone(client: CloudClient, clone: JsonCursor, { removal, asked }: Removing): Promise<void> {
  const id = volumeId(clone.at('id').text());
  const status = clone.at('status').text();
  const held = await attachmentsOf(client, id);
  for (const attachment of held) await removal.release(attachment.id);
  if (status !== 'available' && !status.startsWith('error') && held.length === 0) return;
  const before = asked.get(id) ?? 0;
  if (status.startsWith('error') && before > 0) throw await stillThere(client, id, status);
  const refusal = await deleteOrRefusal(client, id);
  if (before >= DELETES_MAX) throw refusal ?? (await stillThere(client, id, status));
  asked.set(id, before + 1);
}

async function stillThere(client: CloudClient, id: VolumeId, status: string): Promise<Error> {
  const reason = (await failureReason(client, id)) ?? 'the cloud gives no reason';
  return conflict(
    client.site(`DELETE /volumes/${id}`),
    `volume ${id}, made of a snapshot to be read, went to ${status}: ${reason}`,
    [`Have it deleted by whoever runs the cloud: openstack volume delete --force ${id}; then run again.`],
  );
}

/** Cinder refuses while the volume is in a passing state, or because somebody made a snapshot of it. Undefined: it did not. */
async function deleteOrRefusal(client: CloudClient, id: VolumeId): Promise<ProviderError | undefined> {
  try {
    await deleteIfThere(client, 'volume', `/volumes/${id}`);
    return undefined;
  } catch (error) {
    if (isProviderError(error, 'conflict')) return error;
    throw error;
  }
}
