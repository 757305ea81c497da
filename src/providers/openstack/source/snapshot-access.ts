import type { DiskReader, MachineNeed } from '../../../contracts/disk-reader.js';
import type { HostCheck } from '../../../contracts/provider.js';
import type { SnapshotDisk } from '../../../contracts/source-provider.js';
import type { SnapshotRef } from '../../../model/ids.js';
import type { ObservedSourceRoom } from '../../../model/observed.js';
import type { Reaches } from '../access/volume-reach.js';
import type { WhyUnreadable } from './source-disks.js';

/** How the bytes of Cinder snapshots are reached; one for each type of access. */
export interface SnapshotAccess extends AsyncDisposable {
  readonly whyUnreadable: WhyUnreadable;
  /** What can be told before anything is touched. Absent: where the bytes are makes no difference. */
  unreachable?(): Promise<Reaches>;
  /** What a reader opens, as SnapshotDisk has it: `snapshot` is Cinder's id of the volume's own. */
  fileOf(volume: string, snapshot: string): Promise<string>;
  reader(ref: SnapshotRef, disk: SnapshotDisk, signal?: AbortSignal): Promise<DiskReader>;
  /** As SourceProvider has it. */
  readonly readerNeeds: readonly MachineNeed[];
  /** Takes away what readers made of a snapshot and have not given back. None is fine. */
  removeClones(ref: SnapshotRef): Promise<void>;
  /** As SourceProvider has it: every way of reading takes snapshots at least. */
  room(): Promise<ObservedSourceRoom>;
  /** As TargetProvider has it. */
  checkHost?(): Promise<readonly HostCheck[]>;
}
