import type { AttachmentId, ServerId, SnapshotRef } from './ids.js';
import type { LeftVm } from './left.js';
import type { MachineTypeKnowledge } from './machine-types/knowledge.js';
import type { VmLookup } from './observed-source.js';
import type { ObservedServer, ObservedVolume, TargetCatalog } from './observed-target.js';

/** One finished delta. `seconds`: how long it took; `intervalSeconds`: since the sync before. */
export interface DeltaSample {
  readonly bytes: number;
  readonly seconds?: number;
  readonly intervalSeconds: number;
}

/** What was found on this machine of earlier runs of the same VM. */
export interface ObservedLocal {
  /** Attachments that a dead run of ours may have left, by id. */
  readonly ownAttachments: readonly AttachmentId[];
  /** Snapshots that a dead run of ours left. */
  readonly ownSnapshots: readonly SnapshotRef[];
  /** Runs that began on this VM and did not reach their end: their volumes are ours to continue, whatever cbtSync says. */
  readonly unfinishedRuns: readonly string[];
  /** Runs whose complete conversion overlays are here. */
  readonly overlayRuns: readonly string[];
  /** As LocalState has it: what is here of earlier runs was copied, and none of it is counted above. */
  readonly copied?: string;
  /** Every machine that works on this VM sees the same locks, so that who has none does not work on it. Absent: this machine alone. */
  readonly isShared?: true;
  /** Bytes and seconds of earlier deltas, newest first, by disk key: what an estimate is made from. */
  readonly deltaHistory: Readonly<Record<string, readonly DeltaSample[]>>;
  /** ISO time of the last commit, by disk key. */
  readonly lastSync: Readonly<Record<string, string>>;
  /** What the last apply from here left. Absent: none was done, or it is not known. */
  readonly left?: LeftVm;
}

/** The server that volumes are attached to, seen from one migration. */
export interface ObservedConversionHost {
  readonly server: ServerId;
  readonly name: string;
  /** Volumes that it takes at the same time. */
  readonly volumesMax: number;
  /** Attached to it, and not by a migration: its own disks, say. */
  readonly otherVolumes: number;
}

/** What reading takes in an old cloud has to find room there. */
export interface ObservedSourceRoom {
  readonly quota: TargetCatalog['quota'];
  /** Which project it is, the same text for all its names. Absent: its provider's name tells. */
  readonly project?: string;
  /** The server that volumes made of the snapshots are attached to. Absent: snapshots are read where they are. */
  readonly host?: ObservedConversionHost;
}

/** Everything the planner may know of one migration, read in one pass. Plain data. */
export interface ObservedMigration {
  readonly source: VmLookup;
  /** Volumes that hold, or claim to hold, each disk; by disk key as text. */
  readonly volumes: Readonly<Record<string, readonly ObservedVolume[]>>;
  /** Others that were made for a disk which has a volume, and hold nothing; by disk key as text. Absent: there are none. */
  readonly spareVolumes?: Readonly<Record<string, readonly ObservedVolume[]>>;
  readonly server?: ObservedServer;
  readonly catalog: TargetCatalog;
  /** What is known of the target's machine types; absent: nothing. */
  readonly machineTypes?: MachineTypeKnowledge;
  /** Absent: volumes are written without a server. */
  readonly conversionHost?: ObservedConversionHost;
  /** Absent: reading takes nothing there. */
  readonly sourceRoom?: ObservedSourceRoom;
  /** Which project the target is, the same text for all its names. Absent: its provider's name tells. */
  readonly targetProject?: string;
  readonly local: ObservedLocal;
}
