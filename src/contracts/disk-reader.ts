import type { Secret } from '../host/secret.js';

/**
 * How a frozen disk is served read-only over NBD. `argv` starts with the program; secrets are handed over by inherited
 * file descriptor: each `-FD` placeholder `{secret:NAME}` in argv is replaced by the descriptor's number.
 */
export interface PluginReader {
  /** nbdkit, or what the Project names in its place. */
  readonly program: string;
  readonly plugin: string;
  /** key=value arguments of the plugin, without secrets. */
  readonly args: readonly string[];
  /** Passed as key=-FD. */
  readonly secrets: readonly { readonly key: string; readonly value: Secret }[];
  /** Bytes of one request at most: vCenter's NFC service refuses more than 2 MiB. */
  readonly requestBytesMax: number;
  readonly connections: number;
}

/** Where the bytes of a frozen disk are, when qemu can open them itself. Nothing is ever written there. */
export type SourceBlock =
  | { readonly driver: 'file'; readonly path: string }
  | { readonly driver: 'host_device'; readonly path: string }
  /** As of a TargetBlock. */
  | { readonly driver: 'nbd'; readonly socket: string }
  | {
      readonly driver: 'rbd';
      readonly pool: string;
      readonly image: string;
      readonly snapshot: string;
      readonly conf: string;
      readonly user: string;
    };

/** A frozen disk that qemu-storage-daemon exports read-only. */
export interface BlockReader {
  readonly block: SourceBlock;
  readonly requestBytesMax: number;
  readonly connections: number;
}

/** What a reader takes on the source for as long as it is used. */
export interface TakenForReading {
  /**
   * Gives back what was taken for this reader alone, once nothing reads from it any more. What it cannot give back,
   * removeSnapshot takes away. Absent: nothing was taken.
   * Errors: the usual of provider.ts; failed or conflict when it does not go. Abort: the usual; whoever gives back calls it uninterrupted.
   * Limit: 24 hours, as of what is made to be read.
   */
  release?(): Promise<void>;
  /**
   * Why nothing can be read any more, if so. Absent: what is read lives as long as we do.
   * Errors: none. Abort: the usual. Limit: one minute.
   */
  broken?(): Promise<Error | undefined>;
  /**
   * Throws ProviderError conflict when what was read is not any more what the snapshot froze, as a file that somebody wrote to
   * meanwhile. Asked when all is copied and compared, before the record says so. Absent: a snapshot of this source cannot move.
   * Errors: conflict, and the usual. Abort: the usual. Limit: the usual.
   */
  requireUnmoved?(): Promise<void>;
}

export type DiskReader = (PluginReader | BlockReader) & TakenForReading;

/** What has to be on this machine for disks to be read, or volumes written. It is tried out without any, before anything is touched. */
export type MachineNeed =
  /** A plugin of nbdkit, and the library that it loads. */
  | {
      readonly kind: 'plugin';
      readonly program: string;
      readonly plugin: string;
      /** key=value arguments with which the plugin loads all that it ever loads. */
      readonly args: readonly string[];
      /** `name` with any version after it lies in `folder` or in its lib64. */
      readonly library: { readonly folder: string; readonly name: string };
    }
  | StorageNeed;

type StorageNeed = (
  | /** qemu opens images of a Ceph cluster. */ { readonly kind: 'rbd'; readonly conf: string }
  | /** qemu opens such volumes by itself. */ { readonly kind: 'driver'; readonly driver: 'iscsi' | 'nfs' }
  | /** Where a storage host keeps its volumes. */ { readonly kind: 'folder'; readonly path: string }
) & {
  /** Nothing of it may be asked for. */
  readonly isOneOfSeveral?: boolean;
};
