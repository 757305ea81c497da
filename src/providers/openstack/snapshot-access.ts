import type { SnapshotRef } from '../../model/ids.js';
import type { ObservedSourceHost } from '../../model/observed.js';
import type { DiskReader, ReaderNeed } from '../disk-reader.js';
import type { FrozenDisk, HostCheck } from '../provider.js';
import type { WhyUnreadable } from './source-disks.js';

/** How the bytes of Cinder snapshots are reached; one for each type of access. */
export interface SnapshotAccess extends AsyncDisposable {
  readonly whyUnreadable: WhyUnreadable;
  /** What a reader opens, as FrozenDisk has it: `snapshot` is Cinder's id of the volume's own. */
  fileOf(volume: string, snapshot: string): Promise<string>;
  reader(ref: SnapshotRef, disk: FrozenDisk, signal?: AbortSignal): Promise<DiskReader>;
  /** As SourceProvider has it. */
  readonly readerNeeds: readonly ReaderNeed[];
  /** Takes away what readers made of a snapshot and have not given back. None is fine. */
  removeClones(ref: SnapshotRef): Promise<void>;
  /** Absent: nothing is attached to a server. */
  conversionHost?(): Promise<ObservedSourceHost>;
  /** As TargetProvider has it. */
  checkHost?(): Promise<readonly HostCheck[]>;
}
