import type { ChangeId } from '../model/change-id.js';
import type { VmSelector } from '../model/desired.js';
import type { Extent } from '../model/extent.js';
import type { DiskKey, SnapshotRef, VmRef } from '../model/ids.js';
import type { ObservedSourceRoom } from '../model/observed.js';
import type { ObservedVm, PowerState, VmHistory, VmLookup } from '../model/observed-source.js';
import type { DiskReader, MachineNeed } from './disk-reader.js';
import type { PrivilegeCheck, PrivilegeQuestion } from './privileges.js';
import type { HostCheck, ProviderIdentity } from './provider.js';

/** One disk as a snapshot froze it. */
export interface SnapshotDisk {
  readonly key: DiskKey;
  readonly uuid: string;
  /** Bytes. */
  readonly capacity: number;
  /** The point this frozen disk stands at, or what it holds, as ObservedDisk has it; absent when the source cannot tell. */
  readonly changeId?: ChangeId;
  /** What a reader opens: the frozen file in the source's own notation. */
  readonly file: string;
}

/** A frozen view of a whole VM: all disks at the same instant. */
export interface SourceSnapshot {
  readonly ref: SnapshotRef;
  readonly vm: VmRef;
  readonly name: string;
  readonly disks: readonly SnapshotDisk[];
}

/**
 * Where disks come from. Implemented by the folders of providers/ and by lab/sim. What "the usual" errors, abort and limit
 * are stands in provider.ts. Disposing logs out and lets go of what it holds on this machine; calls under way end with ProviderError
 * transient. It takes no longer than half a minute; twice is fine.
 */
export interface SourceProvider extends AsyncDisposable {
  readonly name: string;
  /** Errors: the usual. Abort: the usual. Limit: the usual. */
  identify(): Promise<ProviderIdentity>;
  /**
   * In bulk; the answers are in the order of the selectors. A VM that is not found, or found twice, is an answer and no error.
   * Errors: the usual. Abort: the usual. Limit: the usual for each page.
   */
  observe(selectors: readonly VmSelector[]): Promise<readonly VmLookup[]>;
  /**
   * Every VM that the account can see, by name; those that cannot be migrated say why in `obstacles`. For export.
   * Errors: the usual. Abort: the usual. Limit: the usual for each page.
   */
  list(): Promise<readonly ObservedVm[]>;
  /**
   * What the source keeps for a VM but tells only at the price of a snapshot, which is taken and removed. Undefined: it keeps
   * none. Absent: all that the source knows of machine types is in its lists.
   * Errors: the usual; failed when the snapshot cannot be taken, transient when it takes too long.
   * Abort: ends the wait; it is thrown when what was made is gone. Limit: 15 minutes to make it, 15 to take it away.
   */
  recordedMachineType?(vm: VmRef): Promise<string | undefined>;
  /** Errors: the usual; not-found when there is no such VM. Abort: the usual. Limit: the usual. */
  powerState(vm: VmRef): Promise<PowerState>;
  /**
   * All snapshots with what they tracked, and the boot time, as they are now. A source without tracking may tell of none.
   * Errors: the usual; not-found when there is no such VM. Abort: the usual. Limit: the usual.
   */
  history(vm: VmRef): Promise<VmHistory>;
  /**
   * Asks for tracking; it becomes active with the next snapshot. Repeating it is fine.
   * Errors: the usual; conflict while the VM has snapshots; cbt-invalid where a source has no tracking.
   * Abort: ends the wait; the source goes on. Limit: 4 hours for the task, 30 minutes for what others do to the VM.
   */
  enableChangeTracking(vm: VmRef): Promise<void>;
  /**
   * All disks at one instant (an OpenStack cloud freezes the volumes of a running server one after the other). A name is used once:
   * if a lost answer left a snapshot of this name, that one is returned. Closes: removeSnapshot, by its ref or, after a death, by its name.
   * Errors: the usual; held, conflict or quota when the source refuses it, failed when a part of it went to error.
   * Abort: ends the wait, and the snapshot may be made all the same: whoever counts on its answer calls it uninterrupted.
   * Limit: 4 hours for the task and 30 minutes for what others do to the VM; 15 minutes for each volume of a cloud.
   */
  createSnapshot(vm: VmRef, request: { readonly name: string; readonly description: string }): Promise<SourceSnapshot>;
  /**
   * Removes this snapshot only, with all that readers made of it, and waits until its data are merged. One that is already gone
   * succeeds. Errors: the usual; held or failed when something keeps it, transient when it takes too long.
   * Abort: ends the wait; the source goes on merging, and a further call waits for that. Limit: 4 hours for each task and 30 minutes
   * for what others do to the VM; in a cloud 15 minutes for the snapshots, and 24 hours for volumes made of them.
   */
  removeSnapshot(vm: VmRef, snapshot: SnapshotRef): Promise<void>;
  /**
   * What differs between `since` and the snapshot, in bytes: sorted, disjoint, inside the disk; too much is possible, too little not.
   * Of a source without tracking: nothing, where `since` names what the snapshot holds, so that an interrupted copy goes on; else
   * cbt-invalid. Errors: the usual; cbt-invalid when no answer can be trusted; not-found when the disk is no part of the snapshot.
   * Abort: the usual. Limit: 30 minutes for each answer, four tries; a large disk takes several.
   */
  changedExtents(snapshot: SourceSnapshot, disk: DiskKey, since: ChangeId): Promise<readonly Extent[]>;
  /**
   * May take long and wait for other readers to be released: where disks are read from volumes made of the snapshot, one is made
   * and attached first. Closes: the caller, by its `release`, when it has one.
   * Errors: the usual; quota, failed with the cloud's reason, or held; not-found when the disk is no part of the snapshot.
   * Abort: ends the wait, by the signal or that around it, when what was taken is given back. Limit: 24 hours to make such a volume, 10
   * minutes to attach it, and as long as others work on theirs.
   */
  reader(snapshot: SourceSnapshot, disk: DiskKey, signal?: AbortSignal): Promise<DiskReader>;
  /**
   * What its readers use of this machine, besides the programs that every copy needs. None: nothing else.
   * Errors: none. Abort: nothing is waited for. Limit: at once.
   */
  readerNeeds(): readonly MachineNeed[];
  /**
   * The room for snapshots and for what readers make of them. Absent: neither is counted anywhere.
   * Errors: the usual; not-found when there is no such conversion host. Abort: the usual. Limit: the usual.
   */
  room?(): Promise<ObservedSourceRoom>;
  /**
   * What the account may do. What the source does not tell is unknown, never thrown. Absent: it has no privileges by object.
   * Errors: the usual, of reads that go before it. Abort: an answer that is under way is waited for. Limit: one minute for each 50 VMs.
   */
  checkPrivileges?(question: PrivilegeQuestion): Promise<readonly PrivilegeCheck[]>;
  /** As TargetProvider has it. Errors: as there. Abort: as there. Limit: as there. */
  checkHost?(): Promise<readonly HostCheck[]>;
  /**
   * Asks the guest to shut down and returns at once. Off already succeeds.
   * Errors: the usual; unsupported when no tools run; not-found when there is no such VM. Abort: the usual. Limit: the usual, and 30
   * minutes for what others do to the VM.
   */
  shutdownGuest(vm: VmRef): Promise<void>;
  /**
   * Pulls the plug, where the source lets tenants do so; else it asks the guest. Resolves when the VM is off. Off already succeeds.
   * Errors: the usual; transient when it takes too long. Abort: ends the wait; what was asked for happens. Limit: 4 hours for a task and
   * 30 minutes for what others do to the VM; 10 minutes in a cloud.
   */
  powerOff(vm: VmRef): Promise<void>;
}
