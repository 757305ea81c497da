import type { Extent } from '../model/extent.js';
import type { DiskReader } from './disk-reader.js';
import type { TargetBlock } from './target-provider.js';

/** A running NBD server on a private unix socket. Closing twice is fine. */
export interface NbdEndpoint {
  readonly uri: string;
  /** Bytes. */
  readonly size: number;
  close(): Promise<void>;
}

export interface CopyJob {
  readonly source: NbdEndpoint;
  readonly target: NbdEndpoint;
  /** Exactly these are copied, zeroes included; sorted and disjoint. */
  readonly extents: readonly Extent[];
  /** Allowed only where the target is known to read as zero: blocks that are zero are not written. */
  readonly skipZeroes: boolean;
  readonly requestBytesMax: number;
  readonly connections: number;
  /** Bytes of this job done so far. */
  readonly onProgress?: (bytesDone: number) => void;
  readonly signal?: AbortSignal;
}

/** What is read from both sides and compared; sorted and disjoint. */
export interface Comparison {
  readonly source: NbdEndpoint;
  readonly target: NbdEndpoint;
  readonly extents: readonly Extent[];
  readonly signal?: AbortSignal;
}

/** Moves bytes between NBD endpoints without passing them through this process. Implemented by transfer/ and lab/sim. */
export interface DataPlane {
  openSource(reader: DiskReader, expectedSize: number): Promise<NbdEndpoint>;
  openTarget(block: TargetBlock, minimumSize: number): Promise<NbdEndpoint>;
  /** All that may read as something else than zero; the whole when the server cannot tell. */
  nonZeroExtents(endpoint: NbdEndpoint, signal?: AbortSignal): Promise<readonly Extent[]>;
  /** Copied and flushed when it resolves. After a failure the endpoints are good for nothing but closing. */
  copy(job: CopyJob): Promise<void>;
  /** Where the first difference is, to the sector, or undefined. Rejects with the signal's reason when it is aborted. */
  firstDifference(comparison: Comparison): Promise<number | undefined>;
}
