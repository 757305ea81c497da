import type { ChangeId } from '../../src/model/change-id.js';
import { type DiskKey, diskKey, type SnapshotRef, snapshotRef, vmRef } from '../../src/model/ids.js';
import type { ObservedDisk, ObservedVm, PowerState, VmLookup } from '../../src/model/observed.js';
import type { FrozenDisk, SourceProvider, SourceSnapshot } from '../../src/providers/provider.js';
import { ProviderError } from '../../src/providers/provider-error.js';
import type { Gate } from './gate.js';

export const BLOCKS = 10;
export const EPOCH = '52 de c0 d9 b9 43 9d 10-61 d5 4c 1b e9 7b 65 63';
export const VM_UUID = '501b2f6e000011112222333344445555';
const REF = vmRef('vm-42');
const MACHINE = { hw_machine_type: 'pc', hw_disk_bus: 'virtio' };

interface SimDisk {
  readonly key: DiskKey;
  readonly bytes: Uint8Array;
  readonly changedAt: number[];
  readonly written: Map<number, Uint8Array>;
}

interface SimSnapshot {
  readonly snapshot: SourceSnapshot;
  readonly description: string;
  readonly frozen: ReadonlyMap<DiskKey, { readonly bytes: Uint8Array; readonly changedAt: readonly number[] }>;
}

/**
 * A VM with small disks whose blocks are single bytes. The guest writes whenever it can. In an OpenStack cloud nothing is
 * tracked, disks are frozen one after the other, and a dying process leaves some frozen and others not. There, disks may be
 * readable only through clones of what was frozen, which outlive the process that made them.
 */
export class SourceVm {
  power: PowerState = 'on';
  private clock = 1;
  private readonly disks: SimDisk[];
  private readonly live = new Map<SnapshotRef, SimSnapshot>();
  /** Every snapshot ever taken, by sequence: what a record may claim to be equal to. */
  private readonly history = new Map<number, ReadonlyMap<DiskKey, Uint8Array>>();
  private readonly everFrozen: { readonly key: DiskKey; readonly bytes: Uint8Array }[] = [];
  private taken = 0;
  /** `SNAPSHOT:DISK` of each, and whether a server has it attached. */
  private readonly clones = new Map<string, { isAttached: boolean }>();
  readonly place: 'vcenter' | 'cloud';
  private readonly byClone: boolean;

  constructor(
    private readonly gate: Gate,
    private readonly random: () => number,
    diskCount: number,
    { place = 'vcenter', byClone = false }: { readonly place?: 'vcenter' | 'cloud'; readonly byClone?: boolean } = {},
  ) {
    this.place = place;
    this.byClone = byClone;
    // The upper part starts as a hole: unallocated, reads as zero.
    this.disks = Array.from({ length: diskCount }, (_, index) => ({
      key: diskKey(2000 + index),
      bytes: new Uint8Array(BLOCKS).fill(index + 1, 0, BLOCKS / 2),
      changedAt: new Array<number>(BLOCKS).fill(1, 0, BLOCKS / 2).fill(0, BLOCKS / 2),
      written: new Map(),
    }));
  }

  /** Snapshots and clones. */
  get leftCount(): number {
    return this.live.size + this.clones.size;
  }

  get keys(): DiskKey[] {
    return this.disks.map(({ key }) => key);
  }

  bytesAt(disk: DiskKey, id: ChangeId): Uint8Array | undefined {
    return this.history.get(id.sequence)?.get(disk);
  }

  /** Whether a snapshot ever froze the disk with these bytes. */
  wasFrozenAs(disk: DiskKey, bytes: Uint8Array): boolean {
    return this.everFrozen.some((frozen) => frozen.key === disk && frozen.bytes.every((byte, block) => byte === bytes[block]));
  }

  bytesNow(disk: DiskKey): Uint8Array {
    return this.disk(disk).bytes;
  }

  changedSince(disk: DiskKey, id: ChangeId, block: number): boolean {
    return this.disk(disk).changedAt[block]! > id.sequence;
  }

  /** Writes, or zeroes, random blocks; a guest that is off writes nothing. */
  guestWrites(count: number): void {
    if (this.power !== 'on') return;
    for (let i = 0; i < count; i++) {
      const { bytes, changedAt } = this.disks[Math.floor(this.random() * this.disks.length)]!;
      const block = Math.floor(this.random() * BLOCKS);
      this.clock++;
      bytes[block] = this.random() < 0.3 ? 0 : ((this.clock * 7 + block) % 255) + 1;
      changedAt[block] = this.clock;
    }
  }

  readFrozen(ref: SnapshotRef, disk: DiskKey): Uint8Array {
    const snapshot = this.live.get(ref);
    if (snapshot === undefined) throw new Error(`snapshot ${ref} is read after it was removed`);
    const isReadable = !this.byClone || this.clones.get(`${ref}:${disk}`)?.isAttached === true || this.gate.dead;
    if (!isReadable) throw new Error(`disk ${disk} of ${ref} is read without a clone`);
    return snapshot.frozen.get(disk)!.bytes;
  }

  private disk(key: DiskKey): SimDisk {
    return this.disks.find((disk) => disk.key === key)!;
  }

  private observed(): ObservedVm {
    return {
      ref: REF,
      name: 'erp-db01',
      instanceUuid: VM_UUID,
      power: this.power,
      obstacles: [],
      firmware: 'bios',
      secureBoot: false,
      guest: { id: 'debian12_64Guest', fullName: 'Debian 12', family: 'linux' },
      toolsRunning: true,
      cbt: { supported: this.place === 'vcenter', enabled: this.place === 'vcenter' },
      snapshots: [...this.live.values()].map(({ snapshot: { ref, name }, description }) => ({
        ref,
        name,
        description,
        createdAt: '2026-01-01T00:00:00Z',
      })),
      cpus: 1,
      memoryMiB: 1024,
      nics: [],
      disks: this.disks.map(
        ({ key }, index): ObservedDisk => ({
          key,
          label: `Hard disk ${index + 1}`,
          uuid: uuidOf(key),
          capacity: BLOCKS,
          slot: { bus: 'scsi', controller: 0, unit: index },
          inSnapshots: true,
          ...(this.place === 'vcenter' && { changeId: { epoch: EPOCH, sequence: this.clock } }),
        }),
      ),
      bootDisk: this.disks[0]!.key,
      ...(this.place === 'cloud' && { cloud: { flavor: 'm1', securityGroups: [], imageMetadata: MACHINE, volumes: [] } }),
    };
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
    enableChangeTracking: async () => this.gate.effect(),
    createSnapshot: async (_vm, { name, description }) => {
      this.gate.effect();
      return this.place === 'cloud' ? this.freezeEach(name, description) : this.takeSnapshot(name, description);
    },
    removeSnapshot: async (_vm, ref) => {
      for (const clone of this.clones.keys()) if (clone.startsWith(`${ref}:`)) this.removeClone(clone);
      this.gate.effect();
      this.live.delete(ref);
    },
    changedExtents: async ({ ref }, disk, since) => {
      this.gate.effect();
      if (since.epoch !== EPOCH || this.place === 'cloud')
        throw new ProviderError({ kind: 'cbt-invalid', code: 'MP2006', provider: 'vc', call: 'sim', detail: 'epoch' });
      const { changedAt } = this.live.get(ref)!.frozen.get(disk)!;
      return changedAt.flatMap((at, offset) => (at > since.sequence ? [{ offset, length: 1 }] : []));
    },
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
      this.power = 'off';
    },
    powerOff: async () => {
      this.gate.effect();
      this.power = 'off';
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
    const disks: FrozenDisk[] = [];
    const snapshot: SourceSnapshot = { ref, vm: REF, name, disks };
    this.live.set(ref, { snapshot, description, frozen });
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
    const at = this.clock;
    const ref = snapshotRef(`snapshot-${++this.taken}`);
    const frozen = new Map(
      this.disks.map(({ key, bytes, changedAt }) => [key, { bytes: bytes.slice(), changedAt: [...changedAt] }]),
    );
    const disks = this.disks.map(
      ({ key }): FrozenDisk => ({
        key,
        uuid: uuidOf(key),
        capacity: BLOCKS,
        changeId: { epoch: EPOCH, sequence: at },
        file: `${key}.vmdk`,
      }),
    );
    const snapshot: SourceSnapshot = { ref, vm: REF, name, disks };
    this.live.set(ref, { snapshot, description, frozen });
    this.history.set(at, new Map([...frozen].map(([key, { bytes }]) => [key, bytes])));
    this.guestWrites(2);
    return snapshot;
  }
}

const uuidOf = (key: DiskKey): string => `6000c29a11112222333344445555${key}`;
