import type { SnapshotDisk, SourceProvider, SourceSnapshot } from '../../../contracts/source-provider.js';
import type { VmSelector } from '../../../model/desired.js';
import type { DiskKey } from '../../../model/ids.js';
import type { ObservedVm, VmLookup } from '../../../model/observed-source.js';
import { openVolumeAttachments } from '../access/open-volume-attachments.js';
import type { OpenStackConfig } from '../config/cloud-config.js';
import type { CloudClient } from '../http/cloud-client.js';
import { noTracking, notFound } from '../http/errors.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { type OpenStackDependencies, openClient } from '../http/open-client.js';
import { recordedMachineType } from './recorded-machine-type.js';
import type { SnapshotAccess } from './snapshot-access.js';
import { SnapshotsByClone } from './snapshots-by-clone.js';
import { snapshotsInPlace } from './snapshots-in-place.js';
import { readImageProperties, readSourceLists, type SourceLists } from './source-lists.js';
import { SourceServers } from './source-lookup.js';
import { powerOff, powerState, stopServer } from './source-power.js';
import { bootImageOf, decodeSourceServer } from './source-server.js';
import { createSnapshot, removeSnapshot } from './source-snapshots.js';

const SNAPSHOT_TIMEOUT_MS = 15 * 60_000;
/** A backend that has no cheap clones copies the whole volume. */
const CLONE_TIMEOUT_MS = 24 * 3_600_000;

/**
 * A project as the place where servers come from: their volumes are read from Cinder snapshots, in place or by way of volumes
 * made of them, and nothing about the servers is changed but that they are stopped when asked. There is no changed block tracking. Logs in; see openClient.
 */
export async function openOpenStackSource(config: OpenStackConfig, dependencies: OpenStackDependencies): Promise<SourceProvider> {
  const { client, identify, ...open } = await openClient(config, dependencies);
  const timeoutMs = config.timeouts?.volumeMs ?? SNAPSHOT_TIMEOUT_MS;
  const access = openAccess(client, config, dependencies);
  const untracked = async (): Promise<never> => {
    throw noTracking(client.site('changed extents'));
  };
  return {
    name: config.name,
    identify,
    observe: (selectors) => observeServers(client, access, selectors),
    list: () => listServers(client, access),
    recordedMachineType: (vm) => recordedMachineType(client, vm, timeoutMs),
    powerState: (vm) => powerState(client, vm),
    // Nothing is tracked, so there is no delta that a revert could spoil.
    history: async () => ({ snapshots: [] }),
    enableChangeTracking: untracked,
    createSnapshot: (vm, request) => createSnapshot(client, vm, request, { timeoutMs, fileOf: access.fileOf.bind(access) }),
    removeSnapshot: async (_vm, snapshot) => {
      await access.removeClones(snapshot);
      await removeSnapshot(client, snapshot, timeoutMs);
    },
    changedExtents: untracked,
    reader: async (snapshot, disk, signal) => access.reader(snapshot.ref, snapshotDiskOf(client, snapshot, disk), signal),
    readerNeeds: () => access.readerNeeds,
    room: () => access.room(),
    ...(access.checkHost !== undefined && { checkHost: access.checkHost.bind(access) }),
    shutdownGuest: (vm) => stopServer(client, vm),
    powerOff: (vm) => powerOff(client, vm),
    [Symbol.asyncDispose]: async () => {
      await access[Symbol.asyncDispose]();
      await open[Symbol.asyncDispose]();
    },
  };
}

function openAccess(client: CloudClient, config: OpenStackConfig, dependencies: OpenStackDependencies): SnapshotAccess {
  const timeoutMs = config.timeouts?.cloneMs ?? CLONE_TIMEOUT_MS;
  const attachments = openVolumeAttachments(client, config, dependencies);
  if (config.access.type === 'nova') return new SnapshotsByClone(client, attachments, { timeoutMs });
  return snapshotsInPlace(client, { access: config.access, attachments, timeoutMs });
}

async function observeServers(
  client: CloudClient,
  access: SnapshotAccess,
  selectors: readonly VmSelector[],
): Promise<VmLookup[]> {
  const lists = await readSourceLists(client);
  const servers = new SourceServers(lists.servers);
  const findings = selectors.map((selector) => servers.find(selector));
  const decode = await decoder(
    client,
    { lists, access },
    findings.flatMap((finding) => (finding.kind === 'found' ? [finding.server] : [])),
  );
  return findings.map((finding) => {
    if (finding.kind === 'found') return { kind: 'found', vm: decode(finding.server) };
    return finding.kind === 'ambiguous' ? finding : { ...finding, check: 'check the name, and the project of the provider' };
  });
}

async function listServers(client: CloudClient, access: SnapshotAccess): Promise<ObservedVm[]> {
  const lists = await readSourceLists(client);
  const decode = await decoder(client, { lists, access }, lists.servers);
  return lists.servers.map(decode).sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function decoder(
  client: CloudClient,
  { lists, access }: { readonly lists: SourceLists; readonly access: SnapshotAccess },
  servers: readonly JsonCursor[],
): Promise<(server: JsonCursor) => ObservedVm> {
  const [images, reaches] = await Promise.all([
    readImageProperties(
      client,
      servers.flatMap((server) => bootImageOf(server, lists) ?? []),
    ),
    access.unreachable?.(),
  ]);
  const { whyUnreadable } = access;
  return (server) => decodeSourceServer(server, lists, { images, readability: { whyUnreadable, reaches } });
}

function snapshotDiskOf(client: CloudClient, { name, disks }: SourceSnapshot, disk: DiskKey): SnapshotDisk {
  const snapshotDisk = disks.find(({ key }) => key === disk);
  if (snapshotDisk === undefined) throw notFound(client.site('open snapshot'), `snapshot ${name} has no disk ${disk}`);
  return snapshotDisk;
}
