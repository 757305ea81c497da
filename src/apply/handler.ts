import type { Converter } from '../contracts/converter.js';
import type { DataPlane } from '../contracts/data-plane.js';
import type { SourceProvider } from '../contracts/source-provider.js';
import type { MadeServer, TargetProvider } from '../contracts/target-provider.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { Clock } from '../host/clock.js';
import type { ChangeId } from '../model/change-id.js';
import type { DesiredMigration } from '../model/desired.js';
import type { AttachmentId, DiskKey, RunId, VolumeId } from '../model/ids.js';
import type { ObservedVm, VmHistory } from '../model/observed-source.js';
import type { SyncRecord } from '../model/sync-record.js';
import type { Action, ActionKind, ActionMap } from '../plan/core/action.js';
import type { Journal } from '../state/journal.js';
import type { VmLedger } from '../state/vm-ledger.js';
import type { Note } from './note.js';
import type { TimeRules } from './time-rules.js';

/** What is told while applying, to whatever view listens. `address` is `vm/NAME`. */
export type ApplyEvent =
  | { readonly type: 'action-start'; readonly address: string; readonly action: Action }
  | { readonly type: 'action-done'; readonly address: string; readonly action: Action; readonly seconds: number }
  | {
      readonly type: 'transfer-known';
      readonly address: string;
      readonly disk: DiskKey;
      readonly bytes: number;
      readonly extents: number;
      readonly limitBytes?: number;
    }
  | {
      readonly type: 'progress';
      readonly address: string;
      readonly disk: DiskKey;
      /** Copied; of a repair: brought up to date or compared. */
      readonly bytesDone: number;
      readonly bytesTotal: number;
      /** Of a repair: written so far because it differed. */
      readonly repaired?: number;
    }
  | {
      readonly type: 'disk-synced';
      readonly address: string;
      readonly disk: DiskKey;
      readonly changeId: ChangeId | undefined;
      /** Written. */
      readonly bytes: number;
      /** Of a repair: what was compared, and what was missing on the volume; `bytes` is what differed, and what tracking reported. */
      readonly compared?: number;
      readonly seconds: number;
      readonly verified: Verified;
    }
  | { readonly type: 'conversion-stage'; readonly address: string; readonly stage: string; readonly percent: number }
  | { readonly type: 'note'; readonly address: string; readonly note: Note };

/** How a copy was compared with its snapshot, and found identical. */
export type Verified =
  | { readonly mode: 'off' }
  | { readonly mode: 'full'; readonly bytes: number }
  | {
      readonly mode: 'sample';
      /** Read from each side. */
      readonly bytes: number;
      /** All that a delta wrote, of these; a full copy is not read back as a whole. */
      readonly copiedBytes: number;
      /** Drawn by lot from `of` blocks outside of that. */
      readonly blocks: number;
      readonly of: number;
    };

export interface ApplySettings {
  /** A batch ends with a flush and a checkpoint; what is lost by an interruption is one batch at most. */
  readonly batchBytes: number;
  /** A difference is mended in blocks of this size. */
  readonly repairBytes: number;
  /** Disks of one VM copied at the same time. */
  readonly transfersMax: number;
}

/** `writer`: of the run alone that wrote its record, so that cutting off whoever has the volume open ends it. `anybody`: of others, too. */
export type Doubt = 'writer' | 'anybody';

/** All that handlers of one migration work with. `volumes` and `records` follow what they do. */
export interface ApplyContext {
  readonly desired: DesiredMigration;
  readonly vm: ObservedVm;
  readonly source: SourceProvider;
  readonly target: TargetProvider;
  readonly dataPlane: DataPlane;
  readonly converter: Converter;
  /** What comes of the guest at the end of these actions, if it is converted. */
  readonly conversion: ActionMap['convert'] | undefined;
  /** The root file system that was found by a look before the power-off, under `guest`. */
  readonly roots: Map<'guest', string>;
  readonly ledger: VmLedger;
  /** What was found out that stops nothing, and must be told at the end. */
  readonly warnings: Diagnostic[];
  readonly journal: Journal;
  readonly clock: Clock;
  readonly run: RunId;
  /** Number of the lease under which records are written. Absent: without one. */
  readonly lease?: number;
  /** Aborted when the lock of the VM is lost; what waits for nothing else ends with it, too. Absent: it cannot be lost unseen. */
  readonly lost?: AbortSignal;
  /** Disks into which a writer may write still whose end nobody saw, until they are clean: they are compared as a whole before that. */
  readonly doubted: Map<DiskKey, Doubt>;
  readonly lineage: string;
  readonly hostName: string;
  readonly settings: ApplySettings;
  readonly timeRules: TimeRules;
  readonly volumes: Map<DiskKey, VolumeId>;
  readonly records: Map<DiskKey, SyncRecord>;
  /** The server that was made or taken over, if so. */
  readonly made: { server?: MadeServer };
  /** The VM's snapshots as they were right before this run shut the guest down, when that proved that nobody reverted it. */
  readonly stopped: { history?: VmHistory };
  /** What dead runs have left on the volumes, as it was found. */
  readonly ownAttachments: readonly AttachmentId[];
  /** Folder for the overlays of a run of this VM, on durable storage. */
  overlayFolder(run: string): string;
  /** Removes that folder and what is left in it. */
  forgetOverlays(run: string): Promise<void>;
  emit(event: ApplyEvent): void;
  readonly signal: AbortSignal;
}

/** Contract: running it again after a crash at any point inside it is safe. */
export type ActionHandler<K extends ActionKind> = (action: ActionMap[K], context: ApplyContext) => Promise<void>;
