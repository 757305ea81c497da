import { isProviderError } from '../../../contracts/provider-error.js';
import { uninterrupted } from '../../../host/interruption.js';
import { snapshotRef, type VmRef } from '../../../model/ids.js';
import type { CloudClient } from '../http/cloud-client.js';
import { createOnce } from '../http/create-once.js';
import { deleteIfThere } from '../http/delete-if-there.js';
import { failed, invalidAnswer, tooSlow } from '../http/errors.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { listAll } from '../http/pages.js';
import { pollUntil } from '../http/poll.js';
import { readServer } from './source-power.js';
import { removeSnapshot } from './source-snapshots.js';

/**
 * The machine type that Nova keeps for a server and tells in no answer about it. An image made of the server carries it, so
 * one is made and taken away again; of a server that boots from a volume it holds no bytes, but Nova takes a snapshot of each
 * volume. What a dead call left is known by its name and removed first. Undefined: Nova keeps none, the server boots from an
 * image (then one would be a copy of its disk), or it is in no state for an image. An interruption ends the wait for the image, and is
 * thrown when the image is gone again.
 */
export async function recordedMachineType(client: CloudClient, vm: VmRef, timeoutMs: number): Promise<string | undefined> {
  if ((await readServer(client, vm)).at('image').isObject()) return undefined;
  const name = `migplan machine type of ${vm}`;
  await removeTraces(client, name, timeoutMs);
  try {
    const id = await makeImage(client, vm, name);
    return id === undefined ? undefined : (await untilActive(client, id, timeoutMs)).at('hw_machine_type').optionalText();
  } finally {
    await uninterrupted(() => removeTraces(client, name, timeoutMs));
  }
}

/** The answer names the image in its body or in its head, by the age of the cloud; its name is known anyway. */
async function makeImage(client: CloudClient, vm: VmRef, name: string): Promise<string | undefined> {
  const path = `/servers/${vm}/action`;
  const find = async () => (await imagesNamed(client, name))[0];
  try {
    return await createOnce({
      clock: client.clock,
      send: async () => {
        await client.tell({ service: 'compute', method: 'POST', path, body: { createImage: { name } } });
        const made = await find();
        if (made === undefined) throw invalidAnswer(client.site(`POST ${path}`), `there is no image '${name}'`);
        return made;
      },
      find,
    });
  } catch (error) {
    // Shelved, being rebuilt, an image of somebody else's under way.
    if (isProviderError(error, 'conflict')) return undefined;
    throw error;
  }
}

async function untilActive(client: CloudClient, id: string, timeoutMs: number): Promise<JsonCursor> {
  const path = `/images/${id}`;
  const active = await pollUntil(client.clock, timeoutMs, async () => {
    const image = await client.ask({ service: 'image', method: 'GET', path });
    const status = image.at('status').text();
    if (status === 'killed' || status === 'deleted') throw failed(client.site(`GET ${path}`), `image ${id} went to ${status}`);
    return status === 'active' ? image : undefined;
  });
  if (active === undefined) throw tooSlow(client.site(`GET ${path}`), `image ${id} is not active after ${timeoutMs / 1000} s`);
  return active;
}

/** Nova names the volume snapshots behind an image after it, and leaves them where they are when the image is deleted. */
async function removeTraces(client: CloudClient, name: string, timeoutMs: number): Promise<void> {
  for (const id of await imagesNamed(client, name)) await deleteIfThere(client, 'image', `/images/${id}`);
  await removeSnapshot(client, snapshotRef(`snapshot for ${name}`), timeoutMs);
}

/** Filters are looked at again: an image of the same name that another project shares is not ours. */
async function imagesNamed(client: CloudClient, name: string): Promise<string[]> {
  const owner = await client.projectId();
  const listed = await listAll(client, { service: 'image', path: '/images', name: 'images', query: { name, owner } });
  return listed
    .filter((image) => image.at('name').optionalText() === name && image.at('owner').optionalText() === owner)
    .map((image) => image.at('id').text());
}
