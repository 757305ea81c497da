import { remoteKey } from '../contracts/remote-key.js';
import type { SourceProvider } from '../contracts/source-provider.js';
import type { ConversionHost, TargetInventory, TargetProvider, TargetServer } from '../contracts/target-provider.js';
import type { DesiredMigration } from '../model/desired.js';
import type { MachineTypeKnowledge } from '../model/machine-types/knowledge.js';
import type { ObservedConversionHost, ObservedMigration, ObservedSourceRoom } from '../model/observed.js';
import type { ObservedVm, VmLookup } from '../model/observed-source.js';
import type { ObservedVolume, RecordedVolume } from '../model/observed-target.js';
import { volumeName } from '../model/own-names.js';
import { serverIdentityKey } from '../model/sync-record.js';
import { normalizeUuid } from '../model/uuid.js';
import type { LocalState } from './local-state.js';
import { livingRuns, localOf } from './own-leftovers.js';
import { withoutSpares } from './spare-volumes.js';
import { VolumeIndex } from './volume-index.js';

export interface Providers {
  source(name: string): SourceProvider;
  target(name: string): TargetProvider;
  /** What is known of the machine types of a target; absent: nothing of any. */
  machineTypes?(name: string): MachineTypeKnowledge;
}

/** What was read for all migrations of a project. */
export interface ObservedProject {
  /** In the order asked. */
  readonly migrations: readonly ObservedMigration[];
  /** By target: volumes with a record of ours, not converted, of VMs that none of the migrations sends there. */
  readonly unclaimed: ReadonlyMap<string, readonly RecordedVolume[]>;
}

export const observe = async (
  desired: readonly DesiredMigration[],
  providers: Providers,
  state: LocalState,
): Promise<readonly ObservedMigration[]> => (await observeProject(desired, providers, state)).migrations;

/** Reads everything in bulk: one pass over each provider, however many migrations. */
export async function observeProject(
  desired: readonly DesiredMigration[],
  providers: Providers,
  state: LocalState,
): Promise<ObservedProject> {
  const [lookups, targets, rooms] = await Promise.all([
    observeSources(desired, providers),
    observeTargets(desired, providers),
    observeSourceRooms(desired, providers),
  ]);
  const migrations = await Promise.all(
    desired.map(async (migration, index) =>
      combine(migration, {
        source: lookups[index]!,
        target: targets.get(migration.target.provider)!,
        sourceRoom: rooms.get(migration.source.provider),
        state,
        machineTypes: providers.machineTypes?.(migration.target.provider),
      }),
    ),
  );
  const unclaimed = new Map(
    [...targets].map(([name, { volumes }]) => [name, volumes.ofOtherVms(sentTo(name, { desired, lookups }))]),
  );
  return { migrations, unclaimed };
}

/** What a VM has left where its manifest does not send it any more is nobody's, too. */
const sentTo = (
  target: string,
  { desired, lookups }: { readonly desired: readonly DesiredMigration[]; readonly lookups: readonly VmLookup[] },
): ReadonlySet<string> =>
  new Set(
    lookups.flatMap((lookup, index) =>
      lookup.kind === 'found' && desired[index]!.target.provider === target ? [normalizeUuid(lookup.vm.instanceUuid)] : [],
    ),
  );

/** The same of a project that no migration goes to. */
export const unclaimedVolumes = ({ volumes }: Pick<TargetInventory, 'volumes'>): readonly RecordedVolume[] =>
  new VolumeIndex(volumes).ofOtherVms(new Set());

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

/** A project, made ready for being asked by every VM. */
interface Target {
  readonly volumes: VolumeIndex;
  /** By the instance UUID of the VM that was migrated. */
  readonly servers: ReadonlyMap<string, TargetServer>;
  readonly catalog: TargetInventory['catalog'];
  readonly conversionHost?: ObservedConversionHost;
  /** As remoteKey tells it. */
  readonly project: string;
}

async function observeTargets(desired: readonly DesiredMigration[], providers: Providers): Promise<Map<string, Target>> {
  const names = [...new Set(desired.map(({ target }) => target.provider))];
  return new Map(await Promise.all(names.map(async (name) => [name, await observeTarget(providers.target(name))] as const)));
}

async function observeTarget(target: TargetProvider): Promise<Target> {
  const inventory = await target.observe();
  return { ...targetOf(inventory), project: remoteKey(await target.identify()) };
}

function targetOf({ volumes, servers, catalog, conversionHost }: TargetInventory): Omit<Target, 'project'> {
  const index = new VolumeIndex(volumes);
  // The first of several is the one: a map keeps the last that is set.
  const byIdentity = servers.toReversed().flatMap((server): [string, TargetServer][] => {
    const identity = server.metadata[serverIdentityKey];
    return identity === undefined ? [] : [[identity, server]];
  });
  return {
    volumes: index,
    servers: new Map(byIdentity),
    catalog,
    ...(conversionHost === undefined ? {} : { conversionHost: hostOf(conversionHost, index) }),
  };
}

async function observeSourceRooms(
  desired: readonly DesiredMigration[],
  providers: Providers,
): Promise<Map<string, ObservedSourceRoom | undefined>> {
  const names = [...new Set(desired.map(({ source }) => source.provider))];
  return new Map(await Promise.all(names.map(async (name) => [name, await observeRoom(providers.source(name))] as const)));
}

async function observeRoom(source: SourceProvider): Promise<ObservedSourceRoom | undefined> {
  const room = await source.room?.();
  return room && { ...room, project: remoteKey(await source.identify()) };
}

interface ObservedParts {
  readonly source: VmLookup;
  readonly target: Target;
  readonly sourceRoom: ObservedSourceRoom | undefined;
  readonly state: LocalState;
  readonly machineTypes: MachineTypeKnowledge | undefined;
}

async function combine(
  desired: DesiredMigration,
  { source, target, sourceRoom, state, machineTypes }: ObservedParts,
): Promise<ObservedMigration> {
  const entries = await state.ledgerEntries(desired.name);
  const overlayRuns = await state.runsWithOverlays(desired.name);
  if (source.kind !== 'found') {
    return { source, volumes: {}, catalog: target.catalog, local: localOf({ entries, overlayRuns, volumes: {}, state }) };
  }
  const { vm } = source;
  const { volumes, spareVolumes } = apart(matchVolumes(desired, vm, target.volumes));
  const server = target.servers.get(normalizeUuid(vm.instanceUuid));
  const living = await livingRuns({ entries, vm, volumes, state });
  return {
    source,
    volumes,
    ...(Object.keys(spareVolumes).length === 0 ? {} : { spareVolumes }),
    ...(server === undefined ? {} : { server }),
    catalog: target.catalog,
    targetProject: target.project,
    ...(machineTypes === undefined ? {} : { machineTypes }),
    ...(sourceRoom === undefined ? {} : { sourceRoom }),
    ...(target.conversionHost === undefined ? {} : { conversionHost: target.conversionHost }),
    local: localOf({ entries, overlayRuns, volumes, state, living, vm, host: target.conversionHost?.server }),
  };
}

function apart(matched: Readonly<Record<string, readonly ObservedVolume[]>>) {
  const sorted = Object.entries(matched).map(([key, found]) => [key, withoutSpares(found)] as const);
  return {
    volumes: Object.fromEntries(sorted.map(([key, { volumes }]) => [key, volumes])),
    spareVolumes: Object.fromEntries(sorted.flatMap(([key, { spares }]) => (spares.length === 0 ? [] : [[key, spares]]))),
  };
}

/** Volumes with a record come and go with the runs that write them; the others stay. */
function hostOf({ server, name, volumesMax, volumes }: ConversionHost, known: VolumeIndex): ObservedConversionHost {
  return { server, name, volumesMax, otherVolumes: volumes.filter((id) => !known.hasRecord(id)).length };
}

/**
 * Which volumes hold which disk. A record's identity decides; a volume without a record of ours counts when it has the name
 * that this disk's volume would get, so that it is never written over by accident. Names alone never make a volume ours.
 * Volumes of disks that are not part of the VM any more are told, too. Where volumes of other tools are to be taken over, those count
 * that are this disk's by the ways of their tools.
 */
export function matchVolumes(
  { name, adopt }: Pick<DesiredMigration, 'name' | 'adopt'>,
  vm: ObservedVm,
  volumes: VolumeIndex,
): Record<string, ObservedVolume[]> {
  const ofVm = volumes.ofVm(normalizeUuid(vm.instanceUuid));
  const removed = ofVm.map(({ disk }) => disk).filter((disk) => !vm.disks.some(({ key }) => key === disk));
  return Object.fromEntries(
    [...vm.disks.map(({ key }) => key), ...removed].map((key) => {
      const own = ofVm.filter(({ disk }) => disk === key).map(({ volume }) => volume);
      if (own.length > 0) return [String(key), own];
      const found = new Set(volumes.named(volumeName(name, key)));
      for (const seed of adopt === true ? volumes.seedsOf(vm, key) : []) found.add(seed);
      return [String(key), [...found].toSorted((a, b) => (a.id < b.id ? -1 : 1))];
    }),
  );
}
