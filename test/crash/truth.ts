import { expect } from 'vitest';
import { BLOCKS } from '../../lab/sim/source-vm.js';
import type { SimVolume } from '../../lab/sim/target-cloud.js';
import { World } from '../../lab/sim/world.js';
import type { ChangeId } from '../../src/model/change-id.js';
import type { DiskKey, VolumeId } from '../../src/model/ids.js';
import type { SyncRecord } from '../../src/model/sync-record.js';
import { snapshotName } from '../../src/state/snapshot-owner.js';
import type { Goal } from './reconcile.js';
import { recordOf } from './record-of.js';

/** Volumes whose records said converted once: they must say so for ever. */
const finalVolumes = new WeakMap<World, Set<VolumeId>>();

/** Whatever a volume's record claims must hold for the bytes that survived. Checked at any instant. */
export function expectRecordsAreTrue(world: World, label: string, { dirtyToo = true } = {}): void {
  const final = finalVolumes.get(world) ?? new Set();
  finalVolumes.set(world, final);
  for (const volume of world.cloud.volumes.values()) {
    const record = recordOf(volume);
    if (final.has(volume.id)) expect(record.state.kind, `${label}: ${volume.name} was final`).toBe('converted');
    if (record.state.kind === 'converted') final.add(volume.id);
    const where = `${label}: ${volume.name} says ${volume.metadata['migplan']}`;
    const { disk } = record.identity;
    switch (record.state.kind) {
      case 'clean':
        expectOneOf(frozenAt(world, record, record.state.at), volume, where);
        break;
      case 'converted':
        // A copied guest is final as it is, and only what the source held when it was off for good may be final.
        if (world.vm.place === 'cloud') {
          expect([world.vm.power, volume.durable], where).toEqual(['off', world.vm.bytesNow(disk)]);
          break;
        }
        expectOneOf(frozenAt(world, record, record.state.from).map(World.converted), volume, where);
        break;
      case 'committing':
        expectHalfCommitted(frozenAt(world, record, record.state.from), volume, where);
        break;
      case 'dirty':
        // After a revert no delta mends it, and none is taken.
        if (!dirtyToo) break;
        if (record.state.base !== undefined)
          expectCoveredByNextDelta(world, volume, { disk, since: record.state.base, blocks: BLOCKS, where });
        if (record.state.partial !== undefined) {
          const { at, upTo } = record.state.partial;
          expectCoveredByNextDelta(world, volume, { disk, since: at, blocks: upTo, where });
        }
    }
  }
}

/** After a revert an id has been used for several states of the disk; the sync that wrote the record means its own. */
const snapshotOf = ({ run, cycle }: SyncRecord): string => snapshotName(run, 'erp-db01', cycle);

/** What a record may mean: its own snapshot's bytes; without a point in time, those of any snapshot. */
function frozenAt({ vm }: World, record: SyncRecord, id: ChangeId | undefined): readonly Uint8Array[] {
  const { disk } = record.identity;
  return id === undefined ? vm.frozenBytes(disk) : [vm.bytesAt(disk, id, snapshotOf(record))!];
}

function expectOneOf(allowed: readonly Uint8Array[], { durable }: SimVolume, where: string): void {
  if (allowed.length === 1) return expect(durable, where).toEqual(allowed[0]);
  const isKnown = allowed.some((bytes) => bytes.every((byte, block) => byte === durable[block]));
  expect(isKnown, `${where}: bytes that no snapshot ever had`).toBe(true);
}

/** The invariant of a delta: the volume differs from the base only where the next delta from that base will write. */
function expectCoveredByNextDelta(
  world: World,
  { durable }: SimVolume,
  { disk, since, blocks, where }: { disk: DiskKey; since: ChangeId; blocks: number; where: string },
): void {
  const base = world.vm.bytesAt(disk, since)!;
  const lost = [...durable.keys()].filter(
    (block) => block < blocks && durable[block] !== base[block] && !world.vm.changedSince(disk, since, block),
  );
  expect(lost, `${where}: blocks that no delta will mend`).toEqual([]);
}

function expectHalfCommitted(allowed: readonly Uint8Array[], { durable }: SimVolume, where: string): void {
  const neither = allowed.map((before) => {
    const after = World.converted(before);
    return [...durable.keys()].filter((block) => durable[block] !== before[block] && durable[block] !== after[block]);
  });
  expect(neither.toSorted((a, b) => a.length - b.length)[0], `${where}: blocks that are neither synced nor converted`).toEqual(
    [],
  );
}

/** The goal is reached, all disks are from one snapshot, and nothing is left behind anywhere. */
export function isReached(world: World, goal: Goal): boolean {
  const volumes = [...world.cloud.volumes.values()];
  const records = volumes.map(recordOf);
  const isSynced = goal === 'synced' || goal === 'seeded';
  const kind = isSynced ? 'clean' : 'converted';
  const isClean =
    world.vm.leftCount === 0 && world.overlays.size === 0 && volumes.every(({ attachments }) => attachments.size === 0);
  return (
    isClean &&
    volumes.length === world.vm.keys.length &&
    records.every(({ state }) => state.kind === kind) &&
    new Set(records.map(({ cycle }) => cycle)).size === 1 &&
    (isSynced ||
      (world.cloud.servers.length === 1 && world.vm.power === 'off' && volumes.every((volume) => hasLastWrites(world, volume))))
  );
}

/** Nothing the guest ever wrote is missing: the source is off now, so its bytes are the last ones. */
function hasLastWrites({ vm }: World, volume: SimVolume): boolean {
  const now = vm.bytesNow(recordOf(volume).identity.disk);
  const wanted = vm.place === 'cloud' ? now : World.converted(now);
  return volume.durable.every((byte, block) => byte === wanted[block]);
}
