import type { TargetVolume, VolumeRequest } from '../../../contracts/target-provider.js';
import { type VolumeId, volumeId } from '../../../model/ids.js';
import { own } from '../../../model/own.js';
import { assertPlainMetadata, plainName } from '../../../model/plain-text.js';
import type { CloudClient } from '../http/cloud-client.js';
import { createOnce } from '../http/create-once.js';
import { conflict, failed, notFound, tooSlow } from '../http/errors.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { listAll } from '../http/pages.js';
import { pollUntil } from '../http/poll.js';
import { failureReason } from '../objects/failure-messages.js';
import { getVolume } from '../objects/get-volume.js';
import { readVolume } from './volumes.js';

const CALL = 'POST /volumes';

/** Resolves when the volume is available. ProviderError quota, or failed with the scheduler's reason. */
export async function createVolume(client: CloudClient, request: VolumeRequest, timeoutMs: number): Promise<TargetVolume> {
  assertPlainMetadata(request.metadata);
  const name = plainName(request.name);
  const { sizeGiB: size, type: volume_type, availabilityZone: availability_zone, metadata } = request;
  const volume = { name, size, metadata, ...(volume_type && { volume_type }), ...(availability_zone && { availability_zone }) };
  const id = await createOnce({
    clock: client.clock,
    send: async () => {
      const answer = await client.ask({ service: 'volume', method: 'POST', path: '/volumes', body: { volume } });
      return volumeId(answer.at('volume').at('id').text());
    },
    find: () => findMade(client, name, request),
  });
  await untilAvailable(client, id, timeoutMs);
  const made = await readVolume(client, id);
  if (made === undefined) throw notFound(client.site(CALL), `volume ${id} was deleted while it was created`);
  return made;
}

/** A volume with this name, size and metadata. Several cannot be told apart, and none is taken. */
async function findMade(client: CloudClient, name: string, { sizeGiB, metadata }: VolumeRequest): Promise<VolumeId | undefined> {
  const volumes = await listAll(client, { service: 'volume', path: '/volumes/detail', name: 'volumes' });
  const made = volumes.filter((volume) => isAlike(volume, { name, sizeGiB, metadata }));
  if (made.length > 1) {
    const ids = made.map((volume) => volume.at('id').text()).join(', ');
    throw conflict(client.site(CALL), `the answer was lost, and several volumes are what was asked for: ${ids}`, [
      'Delete all but one, then run again.',
    ]);
  }
  return made[0] && volumeId(made[0].at('id').text());
}

function isAlike(
  volume: JsonCursor,
  wanted: { name: string; sizeGiB: number; metadata: Readonly<Record<string, string>> },
): boolean {
  const metadata = volume.at('metadata').texts();
  return (
    volume.at('name').optionalText() === wanted.name &&
    volume.at('size').gibibytes() === wanted.sizeGiB &&
    Object.entries(wanted.metadata).every(([key, value]) => own(metadata, key) === value)
  );
}

async function untilAvailable(client: CloudClient, id: VolumeId, timeoutMs: number): Promise<void> {
  const site = client.site(CALL);
  const done = await pollUntil(client.clock, timeoutMs, async () => {
    const volume = await getVolume(client, id);
    if (volume === undefined) throw notFound(site, `volume ${id} was deleted while it was created`);
    const status = volume.at('status').text();
    if (status === 'available') return true;
    if (!status.startsWith('error')) return undefined;
    const reason = await failureReason(client, id);
    throw failed(site, `volume ${id} went to ${status}: ${reason ?? 'the cloud gives no reason'}`, [
      `Delete it when the reason is understood: openstack volume delete ${id}`,
    ]);
  });
  if (!done) throw tooSlow(site, `volume ${id} is not available after ${Math.round(timeoutMs / 1000)} s`);
}
