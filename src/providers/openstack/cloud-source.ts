import type { VmSelector } from '../../model/desired.js';
import type { DiskKey } from '../../model/ids.js';
import type { ObservedVm, VmLookup } from '../../model/observed.js';
import type { DiskReader, SourceProvider, SourceSnapshot } from '../provider.js';
import type { Answer } from './answer.js';
import type { CloudClient } from './cloud-client.js';
import type { OpenStackConfig } from './cloud-config.js';
import { noTracking, notFound } from './errors.js';
import { frozenBlock } from './frozen-block.js';
import { type OpenStackDependencies, openClient } from './open-client.js';
import { recordedMachineType } from './recorded-machine-type.js';
import { readImageProperties, readSourceLists, type SourceLists } from './source-lists.js';
import { findSourceServer } from './source-lookup.js';
import { powerOff, powerState, stopServer } from './source-power.js';
import { bootImageOf, decodeSourceServer } from './source-server.js';
import { createSnapshot, removeSnapshot } from './source-snapshots.js';

const SNAPSHOT_TIMEOUT_MS = 15 * 60_000;
/** An object of RBD: larger requests are cut there anyway. */
const REQUEST_BYTES_MAX = 2 ** 22;
const CONNECTIONS = 2;

/**
 * A project as the place where servers come from: their volumes are read from Cinder snapshots, and nothing about the
 * servers is changed but that they are stopped when asked. There is no changed block tracking. Logs in; see openClient.
 */
export async function openOpenStackSource(config: OpenStackConfig, dependencies: OpenStackDependencies): Promise<SourceProvider> {
  const { client, identify, ...open } = await openClient(config, dependencies);
  const timeoutMs = config.volumeTimeoutMs ?? SNAPSHOT_TIMEOUT_MS;
  const untracked = async (): Promise<never> => {
    throw noTracking(client.site('changed extents'));
  };
  return {
    name: config.name,
    identify,
    observe: (selectors) => observeServers(client, selectors),
    list: () => listServers(client),
    recordedMachineType: (vm) => recordedMachineType(client, vm, timeoutMs),
    powerState: (vm) => powerState(client, vm),
    enableChangeTracking: untracked,
    createSnapshot: (vm, request) => createSnapshot(client, vm, request, timeoutMs),
    removeSnapshot: (_vm, snapshot) => removeSnapshot(client, snapshot, timeoutMs),
    changedExtents: untracked,
    reader: async (snapshot, disk) => readerOf(client, config, { snapshot, disk }),
    shutdownGuest: (vm) => stopServer(client, vm),
    powerOff: (vm) => powerOff(client, vm),
    [Symbol.asyncDispose]: open[Symbol.asyncDispose],
  };
}

async function observeServers(client: CloudClient, selectors: readonly VmSelector[]): Promise<VmLookup[]> {
  const lists = await readSourceLists(client);
  const findings = selectors.map((selector) => findSourceServer(selector, lists.servers));
  const decode = await decoder(
    client,
    lists,
    findings.flatMap((finding) => (finding.kind === 'found' ? [finding.server] : [])),
  );
  return findings.map((finding) => (finding.kind === 'found' ? { kind: 'found', vm: decode(finding.server) } : finding));
}

async function listServers(client: CloudClient): Promise<ObservedVm[]> {
  const lists = await readSourceLists(client);
  const decode = await decoder(client, lists, lists.servers);
  return lists.servers.map(decode).sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function decoder(
  client: CloudClient,
  lists: SourceLists,
  servers: readonly Answer[],
): Promise<(server: Answer) => ObservedVm> {
  const images = await readImageProperties(
    client,
    servers.flatMap((server) => bootImageOf(server, lists) ?? []),
  );
  return (server) => decodeSourceServer(server, lists, images);
}

function readerOf(
  client: CloudClient,
  { access }: OpenStackConfig,
  { snapshot, disk }: { readonly snapshot: SourceSnapshot; readonly disk: DiskKey },
): DiskReader {
  const site = client.site('open snapshot');
  const frozen = snapshot.disks.find(({ key }) => key === disk);
  if (frozen === undefined) throw notFound(site, `snapshot ${snapshot.name} has no disk ${disk}`);
  return { block: frozenBlock(frozen.file, access, site), requestBytesMax: REQUEST_BYTES_MAX, connections: CONNECTIONS };
}
