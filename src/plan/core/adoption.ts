import { type ForeignSeed, type SeedReading, seedOf } from '../../model/foreign-seed.js';
import type { ObservedMigration } from '../../model/observed.js';
import type { ObservedDisk } from '../../model/observed-source.js';
import type { ObservedVolume } from '../../model/observed-target.js';
import type { FreshRequests } from '../../model/reseed.js';
import { adoptionMark, type SyncRecord } from '../../model/sync-record.js';
import type { DiskSync } from './action.js';
import type { Blocker } from './blocker.js';

/** Who began a volume without a record, if a tool that is known did, and nothing that it noted is about another disk. */
export function begunBy(
  { reading }: ObservedVolume,
  { key }: ObservedDisk,
  { source }: ObservedMigration,
): ForeignSeed | undefined {
  if (reading.kind !== 'foreign' || source.kind !== 'found') return undefined;
  return seedOf(reading, { vm: source.vm, disk: key });
}

/** Whether a disk's volume is taken over from another tool. */
export const isAdopted = (disk: DiskSync): boolean => disk.mode === 'full' && disk.reason === 'adopt';

/** A comparison that began and did not end. What the tool noted counts no more from its first record on, whatever the manifest says since. */
export const isAdoption = ({ reseed, state }: SyncRecord): boolean =>
  reseed === adoptionMark && state.kind === 'dirty' && state.base === undefined;

/** The deltas of no tool lead from a converted guest back to its source, nor does a comparison without undoing the conversion. */
export const convertedElsewhere = ({ id, name }: ObservedVolume, { tool }: SeedReading): Blocker => ({
  code: 'MP2002',
  detail: `volume ${name} (${id}) was converted by ${tool}: it is not taken over, as that would undo the conversion`,
  nextSteps: [
    'take spec.adopt out of the manifest: the volume counts as converted then',
    `or, to migrate the VM anew, delete volume ${id}, and those of its other disks that the tool made`,
  ],
  field: 'spec.adopt',
});

export const ofAnotherDisk = ({ id, name }: ObservedVolume, { tool, notes }: SeedReading, ways: FreshRequests): Blocker => ({
  code: 'MP2012',
  detail: `volume already exists: ${name} (${id}), and ${tool} noted on it that it is disk ${notes?.disk} of VM ${notes?.vm}: it is not taken over`,
  nextSteps: [
    `rename volume ${id} if it is of another VM, and a new one is made: openstack volume set --name OTHER ${id}`,
    `or set spec.reseed: ${ways.compare}: all of disk and volume is read and compared, and only what differs is written`,
  ],
  field: 'spec.adopt',
});

export const adoptStep =
  'set spec.adopt: true to take it over: all of disk and volume is read and compared, and only what differs is written';
