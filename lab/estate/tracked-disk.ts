import type { ChangeId } from '../../src/model/change-id.js';
import type { DiskKey } from '../../src/model/ids.js';
import type { DiskSlot } from '../../src/model/observed-source.js';

/** Changed block tracking of one disk: the sequence that writes get now, and the one each block was last written in. */
interface Tracking {
  readonly epoch: string;
  sequence: number;
  readonly writtenAt: Map<number, number>;
}

/** A disk at one instant. */
export interface DiskPicture {
  readonly key: DiskKey;
  readonly uuid: string;
  readonly bytes: Uint8Array;
  readonly tracking: Tracking | undefined;
}

/**
 * A disk whose blocks are single bytes, with tracking as vSphere has it: an id is an epoch and a number; a snapshot bears the
 * number of the moment, and what is written afterwards gets the next one. Going back to a snapshot brings its map back with it, and
 * the numbers go on from there, in the same epoch.
 */
export class TrackedDisk {
  bytes: Uint8Array;
  tracking: Tracking | undefined;
  /** false: an independent disk. */
  inSnapshots = true;

  constructor(
    readonly key: DiskKey,
    public uuid: string,
    readonly slot: DiskSlot,
    bytes: Uint8Array,
  ) {
    this.bytes = bytes;
  }

  /** Tracking that was switched on while older snapshots existed loses writes, and does not say so. */
  write(block: number, byte: number, { isLossy }: { readonly isLossy: boolean }): void {
    this.bytes[block] = byte;
    if (this.tracking === undefined || (isLossy && block % 2 === 1)) return;
    this.tracking.writtenAt.set(block, this.tracking.sequence);
  }

  startTracking(epoch: string): void {
    this.tracking = { epoch, sequence: 1, writtenAt: new Map() };
  }

  get changeId(): ChangeId | undefined {
    return this.tracking && { epoch: this.tracking.epoch, sequence: this.tracking.sequence };
  }

  /** As a snapshot freezes it; what is written from here on is later. */
  freeze(): DiskPicture {
    const picture = this.picture();
    if (this.tracking !== undefined) this.tracking.sequence++;
    return picture;
  }

  /** The VM goes back to a snapshot. */
  restore({ bytes, tracking, uuid }: DiskPicture): void {
    this.uuid = uuid;
    this.bytes = bytes.slice();
    this.tracking = tracking && { ...copyOf(tracking), sequence: tracking.sequence + 1 };
  }

  private picture(): DiskPicture {
    return { key: this.key, uuid: this.uuid, bytes: this.bytes.slice(), tracking: this.tracking && copyOf(this.tracking) };
  }
}

const copyOf = (tracking: Tracking): Tracking => ({ ...tracking, writtenAt: new Map(tracking.writtenAt) });

export const idOf = ({ tracking }: DiskPicture): ChangeId | undefined =>
  tracking && { epoch: tracking.epoch, sequence: tracking.sequence };

/** What the map of a frozen disk says was written after `since`. */
export const changedBlocks = ({ tracking, bytes }: DiskPicture, since: ChangeId): number[] =>
  [...(tracking?.writtenAt ?? [])]
    .filter(([block, at]) => at > since.sequence && block < bytes.length)
    .map(([block]) => block)
    .sort((a, b) => a - b);
