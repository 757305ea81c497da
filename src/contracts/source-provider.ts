import type { ChangeId } from '../model/change-id.js';
import type { VmSelector } from '../model/desired.js';
import type { Extent } from '../model/extent.js';
import type { DiskKey, SnapshotRef, VmRef } from '../model/ids.js';
import type { ObservedSourceRoom, ObservedVm, PowerState, VmHistory, VmLookup } from '../model/observed.js';
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

/** Where disks come from. Implemented by providers/vmware, providers/openstack and by lab/sim. */
export interface SourceProvider extends AsyncDisposable {
  readonly name: string;
  identify(): Promise<ProviderIdentity>;
  /** In bulk; the answers are in the order of the selectors. */
  observe(selectors: readonly VmSelector[]): Promise<readonly VmLookup[]>;
  /** Every VM that the account can see, by name; those that cannot be migrated say why in `obstacles`. For export. */
  list(): Promise<readonly ObservedVm[]>;
  /**
   * What the source keeps for a VM but tells only at the price of a snapshot, which is taken and removed. Undefined: it keeps
   * none. Absent: all that the source knows of machine types is in its lists.
   */
  recordedMachineType?(vm: VmRef): Promise<string | undefined>;
  powerState(vm: VmRef): Promise<PowerState>;
  /** All snapshots with what they tracked, and the boot time, as they are now. */
  history(vm: VmRef): Promise<VmHistory>;
  /** Asks for tracking; it becomes active with the next snapshot. Refused while the VM has snapshots. Repeating it is fine. */
  enableChangeTracking(vm: VmRef): Promise<void>;
  /**
   * All disks at one instant (an OpenStack cloud freezes the volumes of a running server one after the other). A name is used once: if a lost answer left a snapshot of this name, that one is returned.
   */
  createSnapshot(vm: VmRef, request: { readonly name: string; readonly description: string }): Promise<SourceSnapshot>;
  /** Removes this snapshot only with all that readers made of it, waits until its data are merged. One that is already gone succeeds. */
  removeSnapshot(vm: VmRef, snapshot: SnapshotRef): Promise<void>;
  /**
   * What differs between `since` and the snapshot: sorted, disjoint, inside the disk; too much is possible, too little not.
   * Throws ProviderError cbt-invalid when no answer can be trusted. Of a source without tracking: nothing, where `since` names what
   * the snapshot holds, so that an interrupted copy goes on; else cbt-invalid.
   */
  changedExtents(snapshot: SourceSnapshot, disk: DiskKey, since: ChangeId): Promise<readonly Extent[]>;
  /**
   * May take long and wait for other readers to be released: where disks are read from volumes made of the snapshot, one is made
   * and attached first. ProviderError quota, failed with the cloud's reason, or held.
   */
  reader(snapshot: SourceSnapshot, disk: DiskKey, signal?: AbortSignal): Promise<DiskReader>;
  /** What its readers use of this machine, besides the programs that every copy needs. None: nothing else. */
  readerNeeds(): readonly MachineNeed[];
  /** The room for snapshots and for what readers make of them. Absent: neither is counted anywhere. */
  room?(): Promise<ObservedSourceRoom>;
  /** What the account may do. What the source does not tell is unknown, never thrown. Absent: it has no privileges by object. */
  checkPrivileges?(question: PrivilegeQuestion): Promise<readonly PrivilegeCheck[]>;
  /** As TargetProvider has it. */
  checkHost?(): Promise<readonly HostCheck[]>;
  /** Asks the guest to shut down and returns at once; ProviderError unsupported when no tools run. Off already succeeds. */
  shutdownGuest(vm: VmRef): Promise<void>;
  /** Pulls the plug. Off already succeeds. */
  powerOff(vm: VmRef): Promise<void>;
}
