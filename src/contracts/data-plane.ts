import type { Extent } from '../model/extent.js';
import type { DiskReader } from './disk-reader.js';
import type { TargetBlock } from './target-provider.js';

/** A running NBD server on a private unix socket. Whoever opened it closes it. */
export interface NbdEndpoint {
  readonly uri: string;
  /** Bytes. */
  readonly size: number;
  /**
   * Ends the server; what was written is flushed by it first. Twice is fine.
   * Errors: none. Abort: not felt. Limit: 10 seconds, after which the server is killed.
   */
  close(): Promise<void>;
}

export interface CopyJob {
  readonly source: NbdEndpoint;
  readonly target: NbdEndpoint;
  /** Exactly these are copied, zeroes included; sorted and disjoint. */
  readonly extents: readonly Extent[];
  /** Allowed only where the target is known to read as zero: blocks that are zero are not written. */
  readonly skipZeroes: boolean;
  /** Bytes of one request at most, for source and volume. */
  readonly requestBytesMax: number;
  /** NBD connections to each side, at the same time. */
  readonly connections: number;
  /** Bytes of this job done so far: never ahead of what was read, and never less than before. */
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

/**
 * Moves bytes between NBD endpoints without passing them through this process. Implemented by transfer/ and lab/sim. All throw
 * DiagnosticsError MP8001 to MP8003, too, when a program is missing or too old. Extents and sizes are in bytes.
 */
export interface DataPlane {
  /**
   * `expectedSize`: what the snapshot says; a disk of another size is an error. Closes: the caller, the endpoint.
   * Errors: TransferError MP6002 with what the server said. Abort: of the work around it, with its reason, when the server is gone.
   * Limit: one minute until the server listens, 3 until it has opened the disk.
   */
  openSource(reader: DiskReader, expectedSize: number): Promise<NbdEndpoint>;
  /**
   * `minimumSize`: of the disk that is to be written; a smaller volume is an error. Closes: the caller, the endpoint.
   * Errors: TransferError MP6003 with what the server said. Abort: of the work around it, with its reason, when the server is gone.
   * Limit: one minute until the server listens, 3 until it has opened the volume.
   */
  openTarget(block: TargetBlock, minimumSize: number): Promise<NbdEndpoint>;
  /**
   * Cuts off whoever else has the volume open for writing, for a day at least: what it had not written when this resolves it never writes.
   * false: it is not known that somebody was cut off, because the storage cannot do that, this user may not, or nobody is found. Before
   * the volume is opened here.
   * Errors: none of the storage. Abort: of the work around it, with its reason. Limit: 3 minutes.
   */
  cutOff(block: TargetBlock): Promise<boolean>;
  /**
   * All that may read as something else than zero; the whole when the server cannot tell. Sorted and disjoint.
   * Errors: ProgramTimeout MP6007. Abort: by the signal or that around it, with its reason. Limit: 2 hours.
   */
  nonZeroExtents(endpoint: NbdEndpoint, signal?: AbortSignal): Promise<readonly Extent[]>;
  /**
   * Copied and flushed when it resolves. After a failure the endpoints are good for nothing but closing, and which of the extents were
   * written is not known; a copy of the same extents with new ones is safe.
   * Errors: TransferError MP6001 with what the programs said, MP6002 when the source does not open again, MP6007 when it stands still.
   * Abort: by the job's signal or that around it, with its reason, when the programs are gone: within some seconds. Limit: none for all
   * of it, which depends on the disk; half an hour in which nothing is read.
   */
  copy(job: CopyJob): Promise<void>;
  /**
   * Where the first difference is, in bytes from the start and to the sector, or undefined. Nothing is written.
   * Errors: TransferError MP6001, MP6002, MP6007, as of `copy`. Abort: by its signal or that around it, with its reason. Limit: as of
   * `copy`.
   */
  firstDifference(comparison: Comparison): Promise<number | undefined>;
}
