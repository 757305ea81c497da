import { invariant } from '../diag/diagnostic.js';
import type { ForeignSeed } from '../model/foreign-seed.js';
import type { DiskKey, RunId, VolumeId } from '../model/ids.js';
import { isLineage } from '../model/lineage.js';
import type { Origin } from '../model/origin.js';
import { recordKeys, type SyncRecord, type SyncState } from '../model/sync-record.js';
import { normalizeUuid } from '../model/uuid.js';
import { lostToLaterLease } from '../state/backend/fenced-writes.js';
import { decodeRecord, disownedBy, encodeRecord } from '../state/sync-record-codec.js';
import type { ApplyContext } from './handler.js';

export interface NextState {
  readonly state: SyncState;
  readonly cycle: number;
  readonly capacity: number;
  /** The run whose overlays are merged; this run unless an earlier conversion is rolled forward. */
  readonly run?: RunId;
  /** What the newest snapshot was taken under whose bytes the volume may hold from now on. */
  readonly origin: Origin;
  readonly isReverted?: boolean;
  /** What the next record says of spec.reseed; absent: what the record before it says. */
  readonly reseed?: { readonly request: string | undefined };
  /** The tool that began the volume: with this record it is kept from going on. */
  readonly begunBy?: ForeignSeed | undefined;
}

/** The only way apply moves a volume between states; durable when it resolves. Whoever lost the VM's lock moves none. */
export async function writeState(context: ApplyContext, disk: DiskKey, next: NextState): Promise<void> {
  await context.ledger.requireLock();
  await requireNobodyElse(context, disk);
  const record = makeRecord(context, disk, next);
  const disowned = next.begunBy === undefined ? {} : disownedBy[next.begunBy.tool];
  await context.target.mergeVolumeMetadata(volumeOf(context, disk), { ...disowned, ...metadataOf(record, context) });
  context.records.set(disk, record);
}

/** The record, and whose it is: a state that was lost is known again by it. */
export const metadataOf = (record: SyncRecord, { lineage }: Pick<ApplyContext, 'lineage'>): Readonly<Record<string, string>> => ({
  ...encodeRecord(record),
  ...(isLineage(lineage) ? { [recordKeys.lineage]: lineage } : {}),
});

/**
 * The volume says itself when somebody else has begun, also to a run that cannot reach the state: its record is neither the one that this
 * run found nor one that it wrote, answered or not. Cinder compares nothing when it writes: what happens between this look and the write
 * is told to whoever reads the record next.
 */
async function requireNobodyElse(context: ApplyContext, disk: DiskKey): Promise<void> {
  if (context.lease === undefined) return;
  const found = await context.target.readVolume(volumeOf(context, disk));
  const reading = found && decodeRecord(found.metadata);
  if (reading?.kind !== 'record' || isSame(reading.record, context.records.get(disk)) || isOwn(reading.record, context)) return;
  throw lostToLaterLease(context.desired.address, reading.record.run);
}

const isOwn = (found: SyncRecord, { run, lease }: ApplyContext): boolean => found.run === run && found.lease === lease;

const isSame = (found: SyncRecord, known: SyncRecord | undefined): boolean =>
  known !== undefined && encodeRecord(found)[recordKeys.record] === encodeRecord(known)[recordKeys.record];

export function makeRecord(
  { vm, run: thisRun, lease, desired, records }: ApplyContext,
  disk: DiskKey,
  { state, cycle, capacity, run = thisRun, origin, isReverted, reseed }: NextState,
): SyncRecord {
  const request = reseed === undefined ? records.get(disk)?.reseed : reseed.request;
  const observed = vm.disks.find(({ key }) => key === disk);
  invariant(observed !== undefined, `${desired.address} has no disk ${disk}`);
  return {
    identity: { vm: normalizeUuid(vm.instanceUuid), disk, diskUuid: normalizeUuid(observed.uuid) },
    state,
    capacity,
    cycle,
    run,
    ...(lease === undefined ? {} : { lease }),
    origin,
    ...(isReverted === true ? { isReverted } : {}),
    ...(request === undefined ? {} : { reseed: request }),
  };
}

export function volumeOf({ volumes, desired }: ApplyContext, disk: DiskKey): VolumeId {
  const volume = volumes.get(disk);
  invariant(volume !== undefined, `${desired.address}/disk/${disk} has no volume yet`);
  return volume;
}
