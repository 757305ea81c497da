import type { AttachmentId, ServerId, SnapshotRef } from '../model/ids.js';
import type { ObservedLocal } from '../model/observed.js';
import type { ObservedVm } from '../model/observed-source.js';
import type { ObservedVolume } from '../model/observed-target.js';
import { isBegun } from '../model/sync-record.js';
import type { LocalState } from './local-state.js';
import { decodeSnapshotOwner } from './snapshot-owner.js';
import type { LedgerEntries } from './vm-ledger.js';

export interface LocalParts {
  readonly entries: LedgerEntries;
  readonly overlayRuns: readonly string[];
  readonly volumes: Readonly<Record<string, readonly ObservedVolume[]>>;
  readonly state: LocalState;
  /** Whose work in the middle is not that of the dead. */
  readonly living?: ReadonlySet<string>;
  readonly vm?: ObservedVm;
  readonly host?: ServerId | undefined;
}

/** What of a VM's leftovers in the cloud and on the source is this project's, and what no living run is at. */
export function localOf({ entries, overlayRuns, volumes, state, living = new Set(), vm, host }: LocalParts): ObservedLocal {
  const found = Object.values(volumes).flat();
  const begun = found.filter((volume) => isBegunByUs(volume, state) && !living.has(recordRun(volume) ?? ''));
  return {
    ownAttachments: [
      ...new Set([...ownAttachments(entries, found, host), ...begun.flatMap((volume) => heldByWriter(volume, host))]),
    ],
    ownSnapshots: vm === undefined ? [] : ownSnapshots(entries, vm, { lineage: state.lineage, living }),
    unfinishedRuns: [...new Set([...entries.unfinishedRuns, ...begun.flatMap((volume) => recordRun(volume) ?? [])])],
    overlayRuns,
    ...(state.isShared === true && { isShared: true as const }),
    ...(state.copied !== undefined && { copied: state.copied }),
    deltaHistory: entries.history,
    lastSync: entries.lastSync,
    ...(entries.left !== undefined && { left: entries.left }),
  };
}

/** Asked only where something of this state is in the middle of which the ledger knows nothing: what it entered is ours, whoever lives. */
export async function livingRuns({
  entries,
  vm,
  volumes,
  state,
}: Pick<LocalParts, 'entries' | 'volumes' | 'state'> & { readonly vm: ObservedVm }): Promise<ReadonlySet<string>> {
  if (state.isShared !== true || state.liveRuns === undefined) return new Set();
  const entered = new Set<string>(entries.unfinishedRuns);
  const begun = Object.values(volumes)
    .flat()
    .filter((volume) => isBegunByUs(volume, state));
  const runs = [
    ...begun.flatMap((volume) => recordRun(volume) ?? []),
    ...vm.snapshots.flatMap((one) => runOf(one, state.lineage)),
  ];
  return runs.some((run) => !entered.has(run)) ? state.liveRuns() : new Set();
}

function runOf({ description }: ObservedVm['snapshots'][number], lineage: string): string[] {
  const owner = decodeSnapshotOwner(description);
  return owner?.lineage === lineage ? [owner.run] : [];
}

/**
 * Where every machine sees who works on a VM, nobody else of this project does when it is asked: what a record says that is in the middle was
 * begun by a run that is dead, or by us, also where nothing else is known of that run. A volume that somebody backs up is not touched.
 */
function isBegunByUs({ reading, lineage }: ObservedVolume, state: LocalState): boolean {
  if (state.isShared !== true || state.lineage === '' || lineage !== state.lineage || reading.kind !== 'record') return false;
  return isBegun(reading.record.state);
}

const heldByWriter = ({ attachments, status }: ObservedVolume, host: ServerId | undefined): AttachmentId[] =>
  (['reserved', 'attaching', 'in-use'].includes(status) ? attachments : [])
    .filter(({ server }) => server === undefined || server === host)
    .map(({ id }) => id);

/**
 * Known by id; or, when the answer to the reservation was lost, any attachment without a server, or
 * to the server we attach to, on a volume we meant to take. If the volume's record moved on since, another machine has taken the volume, and the attachment is its own.
 */
function ownAttachments(
  { attachments }: LedgerEntries,
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

function ownSnapshots(
  { snapshots }: LedgerEntries,
  vm: ObservedVm,
  { lineage, living }: { readonly lineage: string; readonly living: ReadonlySet<string> },
): SnapshotRef[] {
  const names = new Set(snapshots.map(({ name }) => name));
  return vm.snapshots
    .filter(({ name, description }) => {
      const owner = decodeSnapshotOwner(description);
      if (names.has(name)) return true;
      const isOfState = owner !== undefined && lineage !== '' && owner.lineage === lineage;
      return isOfState && owner.vm === vm.instanceUuid && !living.has(owner.run);
    })
    .map(({ ref }) => ref);
}
