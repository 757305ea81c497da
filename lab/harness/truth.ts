import { type ClaimedState, plainUuid } from './claim.js';
import type { CloudControl } from './cloud-control.js';
import type { VcenterControl } from './vcenter-control.js';

/** The bytes that one snapshot froze. */
export interface Frozen {
  readonly snapshotName: string;
  /** '' when the disk was not tracked. */
  readonly changeId: string;
  readonly file: string;
}

/** What a source really held. */
export interface Truth {
  /** A volume that is final is the copy itself; otherwise a conversion has changed it. */
  readonly finalIsCopy: boolean;
  /** All that snapshots froze of that disk, oldest first, also when they are long gone. */
  frozen(claim: ClaimedState): Promise<readonly Frozen[]>;
}

export const vcenterTruth = (control: VcenterControl): Truth => ({
  finalIsCopy: false,
  frozen: async ({ diskKey, diskUuid }) => {
    const { history } = await control.history();
    return history
      .filter((entry) => entry.diskKey === diskKey && plainUuid(entry.diskUuid) === diskUuid)
      .map(({ snapshotName, changeId, imagePath }) => ({ snapshotName, changeId: changeId ?? '', file: imagePath }));
  },
});

export const cloudTruth = (control: CloudControl): Truth => ({
  finalIsCopy: true,
  frozen: async ({ diskUuid }) => {
    const frozen = await control.frozenVolumes();
    return frozen
      .filter(({ volumeId }) => plainUuid(volumeId) === diskUuid)
      .map(({ name, file }) => ({ snapshotName: name, changeId: '', file }));
  },
});

/** Image files keep no history: what a disk held is what `bytesOf` says now, by its key. They are changed between judgements only. */
export const imageTruth = (bytesOf: (diskKey: number) => string): Truth => ({
  finalIsCopy: true,
  frozen: async ({ run, cycle, diskKey, changeId }) => [
    { snapshotName: `migplan-${run}-image-c${cycle}`, changeId, file: bytesOf(diskKey) },
  ],
});

/**
 * The snapshot that a record is about: the one that its own run took for its own cycle. A changeID alone is no name: after a
 * revert two snapshots have the same one, and other bytes.
 */
export function snapshotOf({ run, cycle }: ClaimedState, frozen: readonly Frozen[]): Frozen | undefined {
  return frozen.findLast(({ snapshotName }) => snapshotName.startsWith(`migplan-${run}-`) && snapshotName.endsWith(`-c${cycle}`));
}
