import type { MachineTypeAnswer, MachineTypeProbe } from '../../../contracts/target-provider.js';
import { interruptible, interruption, uninterrupted } from '../../../host/interruption.js';
import { type ServerId, serverId, type VolumeId, volumeId } from '../../../model/ids.js';
import type { CloudClient } from '../http/cloud-client.js';
import { createOnce } from '../http/create-once.js';
import { deleteIfThere, deleteUnlessBusy } from '../http/delete-if-there.js';
import { failed, notFound, tooSlow } from '../http/errors.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { listAll } from '../http/pages.js';
import { pollUntil } from '../http/poll.js';
import { getVolume } from '../objects/get-volume.js';
import { setBootable, writeImageMetadata } from '../objects/metadata.js';
import { findServer, getServer, listServers } from '../objects/servers.js';
import { createVolume } from './create-volume.js';
import { flavorList } from './names.js';

/** Marks what a probe makes, so that what a killed one left is found by the next. */
const OWNER_TAG = 'migplan.probe';
const VOLUME_TIMEOUT_MS = 2 * 60_000;
const GONE_TIMEOUT_MS = 3 * 60_000;

/**
 * Boots a blank volume of 1 GiB with the machine type, without network, and takes server and volume away again, whatever
 * happened. Nova answers 202 to any machine type: only the server's state tells.
 */
export async function probeMachineType(client: CloudClient, probe: MachineTypeProbe): Promise<MachineTypeAnswer> {
  probe.signal?.throwIfAborted();
  const made: Made = {};
  try {
    return await interruptible(probe.signal, () => boot(client, probe, made));
  } finally {
    await uninterrupted(() => takeAway(client, probe, made));
  }
}

interface Made {
  volume?: VolumeId;
  server?: ServerId;
}

async function boot(client: CloudClient, probe: MachineTypeProbe, made: Made): Promise<MachineTypeAnswer> {
  const { machineType, timeoutMs, id } = probe;
  const flavor = await flavorId(client, probe.flavor);
  const metadata = { [OWNER_TAG]: id };
  const volume = await createVolume(
    client,
    {
      name: `migplan-probe-${machineType ?? 'default'}`,
      sizeGiB: 1,
      metadata,
      ...(probe.volumeType !== undefined && { type: probe.volumeType }),
      ...(probe.availabilityZone !== undefined && { availabilityZone: probe.availabilityZone }),
    },
    VOLUME_TIMEOUT_MS,
  ).catch(async (error: unknown) => {
    // It may be there all the same, in error or still being made.
    await uninterrupted(() => removeMarkedVolumes(client, id));
    throw error;
  });
  made.volume = volume.id;
  if (machineType !== undefined)
    await writeImageMetadata(client, volume.id, { set: { hw_machine_type: machineType }, unset: [] });
  await setBootable(client, volume.id, true);
  interruption()?.throwIfAborted();
  made.server = await createOnce({
    clock: client.clock,
    send: () => postServer(client, { probe, flavor, volume: volume.id }),
    find: async () => (await findServer(client, { metadata, identityKey: OWNER_TAG }))?.id,
  });
  return outcome(client, made.server, timeoutMs);
}

async function outcome(client: CloudClient, id: ServerId, timeoutMs: number): Promise<MachineTypeAnswer> {
  const site = client.site('POST /servers');
  const settled = await pollUntil(client.clock, timeoutMs, async () => {
    const server = await getServer(client, id);
    if (server === undefined) throw notFound(site, `server ${id} was deleted while it was built`);
    return server.status === 'BUILD' ? undefined : server;
  });
  if (settled === undefined) throw tooSlow(site, `server ${id} is still in BUILD after ${Math.round(timeoutMs / 1000)} s`);
  return { runs: settled.status === 'ACTIVE', ...(settled.fault !== undefined && { fault: settled.fault }) };
}

/** The one that is named, else the smallest: the guest has nothing to run. */
async function flavorId(client: CloudClient, wanted: string | undefined): Promise<string> {
  const flavors = await listAll(client, { ...flavorList, path: '/flavors/detail' });
  const size = (flavor: JsonCursor): number => flavor.at('ram').whole() * 1000 + flavor.at('vcpus').whole();
  const found =
    wanted === undefined
      ? flavors.toSorted((a, b) => size(a) - size(b))[0]
      : (flavors.find((flavor) => flavor.at('id').text() === wanted) ??
        flavors.find((flavor) => flavor.at('name').text() === wanted));
  if (found !== undefined) return found.at('id').text();
  throw notFound(
    client.site('GET /flavors/detail'),
    wanted === undefined ? 'there is no flavor' : `there is no flavor '${wanted}'`,
  );
}

async function postServer(
  client: CloudClient,
  { probe, flavor, volume }: { readonly probe: MachineTypeProbe; readonly flavor: string; readonly volume: VolumeId },
): Promise<ServerId> {
  const server = {
    name: `migplan-probe-${probe.machineType ?? 'default'}`,
    flavorRef: flavor,
    networks: 'none',
    metadata: { [OWNER_TAG]: probe.id },
    block_device_mapping_v2: [
      { uuid: volume, source_type: 'volume', destination_type: 'volume', boot_index: 0, delete_on_termination: false },
    ],
    ...(probe.availabilityZone !== undefined && { availability_zone: probe.availabilityZone }),
  };
  const answer = await client.ask({ service: 'compute', method: 'POST', path: '/servers', body: { server } });
  return serverId(answer.at('server').at('id').text());
}

/** Server first: while it is there, its volume cannot go. */
async function takeAway(client: CloudClient, { id }: MachineTypeProbe, { server, volume }: Made): Promise<void> {
  if (volume === undefined) return;
  // A request whose answer never came may have made a server all the same.
  const there = server ?? (await findServer(client, { metadata: { [OWNER_TAG]: id }, identityKey: OWNER_TAG }))?.id;
  if (there !== undefined) await deleteServer(client, there);
  await deleteVolume(client, volume);
}

async function deleteServer(client: CloudClient, id: ServerId): Promise<void> {
  await deleteIfThere(client, 'compute', `/servers/${id}`);
  const gone = await pollUntil(client.clock, GONE_TIMEOUT_MS, async () =>
    (await getServer(client, id)) === undefined ? true : undefined,
  );
  if (!gone) throw tooSlow(client.site(`DELETE /servers/${id}`), `server ${id} is not gone after ${GONE_TIMEOUT_MS / 1000} s`);
}

/** The volume of a server that is gone takes a moment to become available; until then Cinder refuses with 400. */
async function deleteVolume(client: CloudClient, id: VolumeId): Promise<void> {
  const path = `/volumes/${id}`;
  const site = client.site(`DELETE ${path}`);
  const gone = await pollUntil(client.clock, GONE_TIMEOUT_MS, async () => {
    const volume = await getVolume(client, id);
    if (volume === undefined) return true;
    const status = volume.at('status').text();
    if (status === 'error_deleting') throw failed(site, `volume ${id} cannot be deleted: it went to ${status}`);
    if (status === 'available' || status === 'error') await deleteUnlessBusy(client, 'volume', path);
    return undefined;
  });
  if (!gone) throw tooSlow(site, `volume ${id} is not gone after ${GONE_TIMEOUT_MS / 1000} s`);
}

async function removeMarkedVolumes(client: CloudClient, id: string): Promise<void> {
  for (const left of await markedVolumes(client, id)) await deleteVolume(client, left);
}

async function markedVolumes(client: CloudClient, id?: string): Promise<VolumeId[]> {
  const volumes = await listAll(client, { service: 'volume', path: '/volumes/detail', name: 'volumes' });
  const marked = volumes.filter((volume) => {
    const ownerTag = volume.at('metadata').texts()[OWNER_TAG];
    return ownerTag !== undefined && (id === undefined || ownerTag === id);
  });
  return marked.map((volume) => volumeId(volume.at('id').text()));
}

/** Takes away what killed probes left: servers and volumes with the owner tag. How many. */
export async function removeProbes(client: CloudClient): Promise<number> {
  const servers = (await listServers(client)).filter(({ metadata }) => metadata[OWNER_TAG] !== undefined);
  for (const { id } of servers) await deleteServer(client, id);
  const volumes = await markedVolumes(client);
  for (const id of volumes) await deleteVolume(client, id);
  return servers.length + volumes.length;
}
