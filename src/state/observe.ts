import type { DesiredMigration } from '../model/desired.js';
import type { AttachmentId, ServerId, SnapshotRef, VolumeId } from '../model/ids.js';
import type { MachineTypeKnowledge } from '../model/machine-types/knowledge.js';
import type {
  ObservedConversionHost,
  ObservedLocal,
  ObservedMigration,
  ObservedSourceHost,
  ObservedVm,
  ObservedVolume,
  VmLookup,
} from '../model/observed.js';
import { serverIdentityKey } from '../model/sync-record.js';
import { normalizeUuid } from '../model/uuid.js';
import type { ConversionHost, SourceProvider, TargetInventory, TargetProvider, TargetVolume } from '../providers/provider.js';
import type { LocalState } from './local-state.js';
import { decodeSnapshotMark } from './snapshot-mark.js';
import { decodeRecord } from './sync-record-codec.js';
import type { VmHoldings } from './vm-ledger.js';

export interface Providers {
  source(name: string): SourceProvider;
  target(name: string): TargetProvider;
  /** What is known of the machine types of a target; absent: nothing of any. */
  machineTypes?(name: string): MachineTypeKnowledge;
}

/** Reads everything in bulk: one pass over each provider, however many migrations. The answers keep the order asked. */
export async function observe(
  desired: readonly DesiredMigration[],
  providers: Providers,
  state: LocalState,
): Promise<ObservedMigration[]> {
  const [lookups, inventories, hosts] = await Promise.all([
    observeSources(desired, providers),
    observeTargets(desired, providers),
    observeSourceHosts(desired, providers),
  ]);
  return Promise.all(
    desired.map(async (migration, index) =>
      combine(migration, {
        source: lookups[index]!,
        inventory: inventories.get(migration.target.provider)!,
        sourceHost: hosts.get(migration.source.provider),
        state,
        machineTypes: providers.machineTypes?.(migration.target.provider),
      }),
    ),
  );
}

async function observeSources(desired: readonly DesiredMigration[], providers: Providers): Promise<VmLookup[]> {
  const names = [...new Set(desired.map(({ source }) => source.provider))];
  const answers = new Map<DesiredMigration, VmLookup>();
  await Promise.all(
    names.map(async (name) => {
      const mine = desired.filter(({ source }) => source.provider === name);
      const lookups = await providers.source(name).observe(mine.map(({ source }) => source.vm));
      for (const [index, migration] of mine.entries()) answers.set(migration, lookups[index]!);
    }),
  );
  return desired.map((migration) => answers.get(migration)!);
}

async function observeTargets(desired: readonly DesiredMigration[], providers: Providers): Promise<Map<string, TargetInventory>> {
  const names = [...new Set(desired.map(({ target }) => target.provider))];
  return new Map(await Promise.all(names.map(async (name) => [name, await providers.target(name).observe()] as const)));
}

async function observeSourceHosts(
  desired: readonly DesiredMigration[],
  providers: Providers,
): Promise<Map<string, ObservedSourceHost | undefined>> {
  const names = [...new Set(desired.map(({ source }) => source.provider))];
  return new Map(await Promise.all(names.map(async (name) => [name, await providers.source(name).conversionHost?.()] as const)));
}

interface Reading {
  readonly source: VmLookup;
  readonly inventory: TargetInventory;
  readonly sourceHost: ObservedSourceHost | undefined;
  readonly state: LocalState;
  readonly machineTypes: MachineTypeKnowledge | undefined;
}

async function combine(
  desired: DesiredMigration,
  { source, inventory, sourceHost, state, machineTypes }: Reading,
): Promise<ObservedMigration> {
  const holdings = await state.holdings(desired.name);
  const overlayRuns = await state.runsWithOverlays(desired.name);
  if (source.kind !== 'found') {
    return { source, volumes: {}, catalog: inventory.catalog, local: localOf({ holdings, overlayRuns, volumes: {}, state }) };
  }
  const { vm } = source;
  const volumes = matchVolumes(desired.name, vm, inventory.volumes);
  const server = inventory.servers.find(({ metadata }) => metadata[serverIdentityKey] === normalizeUuid(vm.instanceUuid));
  return {
    source,
    volumes,
    ...(server === undefined ? {} : { server }),
    catalog: inventory.catalog,
    ...(machineTypes === undefined ? {} : { machineTypes }),
    ...(sourceHost === undefined ? {} : { sourceHost }),
    ...(inventory.conversionHost === undefined ? {} : { conversionHost: hostOf(inventory.conversionHost, inventory.volumes) }),
    local: localOf({ holdings, overlayRuns, volumes, state, vm, host: inventory.conversionHost?.server }),
  };
}

/** Volumes with a record come and go with the runs that write them; the others stay. */
function hostOf({ server, name, volumesMax, volumes }: ConversionHost, known: readonly TargetVolume[]): ObservedConversionHost {
  const isMigrated = (id: VolumeId): boolean =>
    decodeRecord(known.find((volume) => volume.id === id)?.metadata ?? {}).kind === 'record';
  return { server, name, volumesMax, otherVolumes: volumes.filter((id) => !isMigrated(id)).length };
}

/**
 * Which volumes hold which disk. A record's identity decides; a volume without a record of ours counts when it has the name
 * that this disk's volume would get, so that it is never written over by accident. Names alone never make a volume ours.
 * Volumes of disks that are not part of the VM any more are told, too.
 */
export function matchVolumes(name: string, vm: ObservedVm, volumes: readonly TargetVolume[]): Record<string, ObservedVolume[]> {
  const identity = normalizeUuid(vm.instanceUuid);
  const understood = volumes.map((volume): ObservedVolume => {
    const { metadata, ...rest } = volume;
    return { ...rest, reading: decodeRecord(metadata) };
  });
  const ofVm = understood.flatMap((volume) =>
    volume.reading.kind === 'record' && volume.reading.record.identity.vm === identity
      ? [{ volume, disk: volume.reading.record.identity.disk }]
      : [],
  );
  const removed = ofVm.map(({ disk }) => disk).filter((disk) => !vm.disks.some(({ key }) => key === disk));
  return Object.fromEntries(
    [...vm.disks.map(({ key }) => key), ...removed].map((key) => {
      const own = ofVm.filter(({ disk }) => disk === key).map(({ volume }) => volume);
      const named = understood.filter((volume) => volume.reading.kind !== 'record' && volume.name === `${name}-${key}`);
      return [String(key), own.length > 0 ? own : named];
    }),
  );
}

interface LocalReading {
  readonly holdings: VmHoldings;
  readonly overlayRuns: readonly string[];
  readonly volumes: Readonly<Record<string, readonly ObservedVolume[]>>;
  readonly state: LocalState;
  readonly vm?: ObservedVm;
  readonly host?: ServerId | undefined;
}

function localOf({ holdings, overlayRuns, volumes, state, vm, host }: LocalReading): ObservedLocal {
  return {
    ownAttachments: ownAttachments(holdings, Object.values(volumes).flat(), host),
    ownSnapshots: vm === undefined ? [] : ownSnapshots(holdings, vm, state.lineage),
    unfinishedRuns: holdings.unfinishedRuns,
    overlayRuns,
    ...(state.copied !== undefined && { copied: state.copied }),
    deltaHistory: holdings.history,
    lastSync: holdings.lastSync,
  };
}

/**
 * Known by id; or, when the answer to the reservation was lost, any attachment without a server, or
 * to the server we attach to, on a volume we meant to take. If the volume's record moved on since, another machine has taken the volume, and the attachment is its own.
 */
function ownAttachments(
  { attachments }: VmHoldings,
  volumes: readonly ObservedVolume[],
  host: ServerId | undefined,
): AttachmentId[] {
  return volumes.flatMap((volume) => {
    const held = attachments.find((entry) => entry.volume === volume.id);
    if (held === undefined) return [];
    const maybeOurs = held.id === undefined && held.recordRun === recordRun(volume);
    return volume.attachments
      .filter(({ id, server }) => id === held.id || (maybeOurs && (server === undefined || server === host)))
      .map(({ id }) => id);
  });
}

const recordRun = ({ reading }: ObservedVolume): string | undefined =>
  reading.kind === 'record' ? reading.record.run : undefined;

function ownSnapshots({ snapshots }: VmHoldings, vm: ObservedVm, lineage: string): SnapshotRef[] {
  const names = new Set(snapshots.map(({ name }) => name));
  return vm.snapshots
    .filter(({ name, description }) => {
      const mark = decodeSnapshotMark(description);
      return names.has(name) || (mark !== undefined && lineage !== '' && mark.lineage === lineage && mark.vm === vm.instanceUuid);
    })
    .map(({ ref }) => ref);
}
