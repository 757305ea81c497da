import type { PrivilegeQuestion } from '../../contracts/privileges.js';
import type { ProviderIdentity } from '../../contracts/provider.js';
import type { SourceProvider, SourceSnapshot } from '../../contracts/source-provider.js';
import type { ChangeId } from '../../model/change-id.js';
import type { VmSelector } from '../../model/desired.js';
import type { DiskKey, SnapshotRef, VmRef } from '../../model/ids.js';
import { enableChangeTracking } from './change-tracking.js';
import { changedExtents } from './changed-extents.js';
import { checkPrivileges } from './check-privileges.js';
import { formatServer, parseServer } from './config.js';
import type { VmwareContext } from './context.js';
import { diskReader, readerNeeds } from './disk-reader.js';
import { toProviderError } from './errors.js';
import { vmHistory } from './inventory/history.js';
import { listObservedVms, observeVms } from './inventory/observe.js';
import { powerOff, powerState, shutdownGuest } from './power.js';
import { createSnapshot, removeSnapshot, type SnapshotRequest, vmMoref } from './snapshots.js';

/** One vCenter, or one ESXi host, as a source of disks. Whatever goes wrong remotely leaves it as a ProviderError. */
export class VmwareSource implements SourceProvider {
  readonly name: string;

  constructor(private readonly context: VmwareContext) {
    this.name = context.config.name;
  }

  identify(): Promise<ProviderIdentity> {
    return this.guard(async () => {
      const { about } = await this.context.session.content();
      const address = formatServer(parseServer(this.context.config.server)!);
      // An ESXi host that is asked directly has no instance id of its own.
      return { kind: 'vmware', endpoint: `https://${address}/sdk`, id: about.instanceUuid ?? `${about.apiType}:${address}` };
    });
  }

  observe(selectors: readonly VmSelector[]) {
    return this.guard(() => observeVms(this.context.session, selectors));
  }

  list() {
    return this.guard(() => listObservedVms(this.context.session));
  }

  checkPrivileges(question: PrivilegeQuestion) {
    return this.guard(() => checkPrivileges(this.context.session, question));
  }

  powerState(vm: VmRef) {
    return this.guard(() => powerState(this.context, vm));
  }

  history(vm: VmRef) {
    return this.guard(() => vmHistory(this.context.session, vmMoref(vm)));
  }

  enableChangeTracking(vm: VmRef) {
    return this.guard(() => enableChangeTracking(this.context, vm));
  }

  createSnapshot(vm: VmRef, request: SnapshotRequest) {
    return this.guard(() => createSnapshot(this.context, vm, request));
  }

  removeSnapshot(vm: VmRef, snapshot: SnapshotRef) {
    return this.guard(() => removeSnapshot(this.context, vm, snapshot));
  }

  changedExtents(snapshot: SourceSnapshot, disk: DiskKey, since: ChangeId) {
    return this.guard(() => changedExtents(this.context, snapshot, { disk, since }));
  }

  reader(snapshot: SourceSnapshot, disk: DiskKey) {
    return this.guard(() => diskReader(this.context, snapshot, disk));
  }

  readerNeeds() {
    return readerNeeds(this.context.config.reader);
  }

  shutdownGuest(vm: VmRef) {
    return this.guard(() => shutdownGuest(this.context, vm));
  }

  powerOff(vm: VmRef) {
    return this.guard(() => powerOff(this.context, vm));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.session[Symbol.asyncDispose]();
  }

  private async guard<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      throw toProviderError(error, this.name);
    }
  }
}
