import { ProviderError } from '../../src/contracts/provider-error.js';
import type { SnapshotDisk, SourceProvider, SourceSnapshot } from '../../src/contracts/source-provider.js';
import { type DiskKey, type SnapshotRef, snapshotRef } from '../../src/model/ids.js';
import type { VmLookup } from '../../src/model/observed-source.js';
import type { Gate } from './gate.js';
import { BLOCKS, EPOCH, Machine, type MachineOptions, REF, uuidOf } from './machine.js';

export { BLOCKS } from './machine.js';

export interface SourceVmOptions extends MachineOptions {
  readonly byClone?: boolean;
}

/**
 * The machine as a provider shows it to a process that may die at each effect. In an OpenStack cloud nothing is tracked, disks
 * are frozen one after the other, and a dying process leaves some frozen and others not. There, disks may be readable only
 * through clones of what was frozen, which outlive the process that made them.
 */
export class SourceVm extends Machine {
  /** `SNAPSHOT:DISK` of each, and whether a server has it attached. */
  private readonly clones = new Map<string, { isAttached: boolean }>();
  private readonly byClone: boolean;

  constructor(
    private readonly gate: Gate,
    random: () => number,
    diskCount: number,
    { byClone = false, ...options }: SourceVmOptions = {},
  ) {
    super(random, diskCount, options);
    this.byClone = byClone;
  }

  /** Snapshots of ours, and clones. */
  get leftCount(): number {
    const ours = [...this.live.values()].filter(
      ({ snapshot: { name } }) => this.place === 'cloud' || name.startsWith('migplan-'),
    );
    return ours.length + this.clones.size;
  }

  readFrozen(ref: SnapshotRef, disk: DiskKey): Uint8Array {
    const snapshot = this.live.get(ref);
    if (snapshot === undefined) throw new Error(`snapshot ${ref} is read after it was removed`);
    const isReadable = !this.byClone || this.clones.get(`${ref}:${disk}`)?.isAttached === true || this.gate.dead;
    if (!isReadable) throw new Error(`disk ${disk} of ${ref} is read without a clone`);
    return snapshot.frozen.get(disk)!.bytes;
  }

  readonly provider: SourceProvider = {
    name: 'vc',
    identify: async () => ({ kind: 'vmware', endpoint: 'sim', id: 'sim' }),
    observe: async (selectors) => {
      this.gate.effect();
      return selectors.map((): VmLookup => ({ kind: 'found', vm: this.observed() }));
    },
    list: async () => [this.observed()],
    powerState: async () => {
      this.gate.effect();
      return this.power;
    },
    history: async () => {
      this.gate.effect();
      return this.observed();
    },
    enableChangeTracking: async () => {
      this.gate.effect();
      if (!this.canTrack) throw new Error('tracking is not possible and was asked for');
      this.isTracking = true;
    },
    createSnapshot: async (_vm, { name, description }) => {
      this.gate.effect();
      return this.place === 'cloud' ? this.freezeEach(name, description) : this.takeSnapshot(name, description);
    },
    removeSnapshot: async (_vm, ref) => {
      for (const clone of this.clones.keys()) if (clone.startsWith(`${ref}:`)) this.removeClone(clone);
      this.gate.effect();
      this.forgetSnapshot(ref);
    },
    changedExtents: async ({ ref }, disk, since) => {
      this.gate.effect();
      const { frozen, sequence } = this.live.get(ref)!;
      if (since.epoch !== EPOCH || sequence === undefined || since.sequence > sequence)
        throw new ProviderError({ kind: 'cbt-invalid', code: 'MP2006', provider: 'vc', call: 'sim', detail: 'epoch' });
      const { changedAt } = frozen.get(disk)!;
      return changedAt.flatMap((at, offset) => (at > since.sequence ? [{ offset, length: 1 }] : []));
    },
    readerNeeds: () => [],
    reader: async ({ ref }, disk) => ({
      program: 'sim',
      plugin: 'sim',
      args: [ref, String(disk)],
      secrets: [],
      requestBytesMax: 1,
      connections: 1,
      ...(this.byClone && this.takeClone(`${ref}:${disk}`)),
    }),
    shutdownGuest: async () => {
      this.gate.effect();
      this.powerOff();
    },
    powerOff: async () => {
      this.gate.effect();
      this.powerOff();
    },
    [Symbol.asyncDispose]: async () => {},
  };

  /** The server has room for one. */
  private takeClone(clone: string): { release(): Promise<void> } {
    if ([...this.clones.values()].some(({ isAttached }) => isAttached)) throw new Error('another clone was not given back');
    this.gate.effect();
    this.clones.set(clone, { isAttached: false });
    this.gate.effect();
    this.clones.set(clone, { isAttached: true });
    return { release: async () => this.removeClone(clone) };
  }

  private removeClone(clone: string): void {
    this.gate.effect();
    this.clones.set(clone, { isAttached: false });
    this.gate.effect();
    this.clones.delete(clone);
  }

  private freezeEach(name: string, description: string): SourceSnapshot {
    const ref = snapshotRef(name);
    const frozen = new Map<DiskKey, { readonly bytes: Uint8Array; readonly changedAt: readonly number[] }>();
    const disks: SnapshotDisk[] = [];
    const snapshot: SourceSnapshot = { ref, vm: REF, name, disks };
    this.live.set(ref, { snapshot, description, frozen, sequence: undefined, parent: undefined });
    for (const { key, bytes } of this.disks) {
      this.gate.effect();
      frozen.set(key, { bytes: bytes.slice(), changedAt: [] });
      this.everFrozen.push({ key, bytes: bytes.slice() });
      disks.push({ key, uuid: uuidOf(key), capacity: BLOCKS, file: `volume-${key}` });
      this.guestWrites(1);
    }
    return snapshot;
  }

  private takeSnapshot(name: string, description: string): SourceSnapshot {
    const snapshot = this.freezeAll(name, description);
    this.guestWrites(2);
    return snapshot;
  }
}
