import type { BootFirst } from '../../model/boot-first.js';
import type { ChangeId } from '../../model/change-id.js';
import type { ForeignSeed } from '../../model/foreign-seed.js';
import type { GuestHardware } from '../../model/guest-hardware.js';
import type { AttachmentId, DiskKey, ServerId, SnapshotRef, VolumeId } from '../../model/ids.js';
import type { PartialSync } from '../../model/sync-record.js';
import type { WantedNic } from './destination-nics.js';
import type { PlannedServer } from './destination-server.js';

/** Why a full copy is needed. Shown to the user, never branched on by apply. */
export type FullSyncReason = 'new-volume' | 'interrupted-full' | 'reseed' | 'adopt' | 'source-changed';

/** How many bytes will move: `upper-bound` is the capacity; `unknown` until a snapshot exists. */
export type TransferForecast =
  | { readonly confidence: 'estimate' | 'upper-bound'; readonly bytes: number }
  | { readonly confidence: 'unknown' };

/** What one disk of a sync asks for. A delta is never turned into a full copy by apply. */
export type DiskSync =
  | {
      readonly mode: 'full';
      readonly disk: DiskKey;
      readonly reason: FullSyncReason;
      /** All of source and volume is read and compared, and only what differs is written. Absent: all of it is copied. */
      readonly repair?: true;
      /** The volume has no record yet: another tool began it, and is kept from going on. */
      readonly begunBy?: ForeignSeed;
      readonly capacity: number;
      readonly partial?: PartialSync;
      readonly forecast: TransferForecast;
      /** Of an adoption: bytes that may be written. */
      readonly limitBytes?: number;
    }
  | {
      readonly mode: 'delta';
      readonly disk: DiskKey;
      /** 'live-sync': the point that the live sync earlier in the same plan reaches. */
      readonly since: ChangeId | 'live-sync';
      readonly capacity: number;
      readonly partial?: PartialSync;
      readonly forecast: TransferForecast;
      readonly limitBytes?: number;
    };

/**
 * What makes changed block tracking less credible than usual; more is compared then. After a revert there is no delta before
 * somebody asked for another full copy, and the one that follows it is a first one.
 */
export type SyncDoubt =
  | { readonly kind: 'first-delta' | 'foreign-snapshot' }
  /** The host's release is known for a fault of tracking. */
  | { readonly kind: 'known-fault'; readonly what: string };

/** How a sync reads back what it made; see plan/sync/verification.ts. */
export type SyncVerification =
  | { readonly mode: 'off' }
  | {
      readonly mode: 'compare';
      /** Disks of which every byte is compared. */
      readonly full: readonly DiskKey[];
      /** Blocks drawn on each other disk, outside of what was copied; that is compared as well. */
      readonly blocks: number;
      readonly doubts: readonly SyncDoubt[];
    };

/** Every kind of action, keyed by kind. Add a member here and the compiler lists what else to write. */
export interface ActionMap {
  'release-attachment': {
    readonly kind: 'release-attachment';
    readonly disk: DiskKey;
    readonly volume: VolumeId;
    readonly attachment: AttachmentId;
  };
  /** Overlays of conversions that were given up, or are merged already. */
  'discard-overlays': { readonly kind: 'discard-overlays'; readonly runs: readonly string[]; readonly disks: readonly DiskKey[] };
  'release-snapshot': { readonly kind: 'release-snapshot'; readonly snapshot: SnapshotRef };
  'enable-cbt': { readonly kind: 'enable-cbt' };
  'create-volume': {
    readonly kind: 'create-volume';
    readonly disk: DiskKey;
    readonly name: string;
    readonly sizeGiB: number;
    readonly type?: string;
    readonly availabilityZone?: string;
    readonly capacity: number;
    /** Carried over from the volume of a source cloud. */
    readonly metadata?: Readonly<Record<string, string>>;
  };
  'set-image-metadata': {
    readonly kind: 'set-image-metadata';
    readonly disk: DiskKey;
    readonly set: Readonly<Record<string, string>>;
    readonly unset: readonly string[];
    readonly before: Readonly<Record<string, string>>;
    readonly bootable: boolean;
    /** An earlier choice of the boot disk made it bootable, which is taken back. */
    readonly notBootable?: boolean;
    /** The type asked for, when `set` has another one in its place. */
    readonly machineTypeAsked?: string;
  };
  /** All disks from one snapshot. live: the VM runs; final: it is off, at cutover; cold: it is off and was never synced. */
  sync: {
    readonly kind: 'sync';
    readonly stage: 'live' | 'final' | 'cold';
    readonly cycle: number;
    readonly disks: readonly DiskSync[];
    readonly verify: SyncVerification;
  };
  'power-off': { readonly kind: 'power-off'; readonly timeoutSeconds: number; readonly force: boolean };
  convert: {
    readonly kind: 'convert';
    readonly disks: BootFirst;
    readonly firmware: 'bios' | 'efi';
    readonly guestFamily: 'windows' | 'linux' | 'other';
    /** vSphere's, such as windows2019srv_64Guest. */
    readonly guestId: string;
    /** What the server will give it: converting for another one makes a guest that does not boot. */
    readonly hardware: GuestHardware;
  };
  /** A guest of an OpenStack cloud runs on KVM already: its complete copies become final without a conversion. */
  'finalize-copy': { readonly kind: 'finalize-copy'; readonly disks: readonly DiskKey[] };
  /** Rolls a conversion forward that died while its overlays were merged. */
  'commit-conversion': { readonly kind: 'commit-conversion'; readonly disks: readonly DiskKey[]; readonly run: string };
  /** All disks are merged, and the records of some do not say so yet. Only records are written. */
  'mark-converted': { readonly kind: 'mark-converted'; readonly disks: readonly DiskKey[]; readonly run: string };
  'create-server': {
    readonly kind: 'create-server';
    readonly disks: BootFirst;
    readonly server: PlannedServer;
    readonly availabilityZone?: string;
    readonly nics: readonly WantedNic[];
    readonly replaces?: ServerId;
  };
}

export type ActionKind = keyof ActionMap;
export type Action = ActionMap[ActionKind];
