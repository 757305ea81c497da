import type { SnapshotDisk, SourceSnapshot } from '../../src/contracts/source-provider.js';
import type { ChangeId } from '../../src/model/change-id.js';
import { type DiskKey, diskKey, type SnapshotRef, snapshotRef, vmRef } from '../../src/model/ids.js';
import type { ObservedDisk, ObservedVm, PowerState } from '../../src/model/observed-source.js';
import { openstackTraits, vsphereTraits } from '../../src/model/source-traits.js';

export const BLOCKS = 10;
export const EPOCH = '52 de c0 d9 b9 43 9d 10-61 d5 4c 1b e9 7b 65 63';
const VM_UUID = '501b2f6e000011112222333344445555';
export const REF = vmRef('vm-42');
const MACHINE = { hw_machine_type: 'pc', hw_disk_bus: 'virtio' };
const HOUR_MS = 3_600_000;

export interface MachineOptions {
  readonly place?: 'vcenter' | 'cloud';
  /** off: nobody switched it on yet. never: it cannot be. Default on. */
  readonly tracking?: 'on' | 'off' | 'never';
  readonly power?: 'on' | 'off';
  /** Boot times are not told, as if a revert left no trace there. */
  readonly hidesBootTime?: boolean;
  /** A revert leaves the VM on with the boot time it had, as one to a snapshot with memory might. */
  readonly revertsRunning?: boolean;
}

interface SimDisk {
  readonly key: DiskKey;
  readonly bytes: Uint8Array;
  readonly changedAt: number[];
}

type Frozen = ReadonlyMap<DiskKey, { readonly bytes: Uint8Array; readonly changedAt: readonly number[] }>;

export interface SimSnapshot {
  readonly snapshot: SourceSnapshot;
  readonly description: string;
  readonly frozen: Frozen;
  /** Number of the tracking that it froze; undefined: tracking was not active. */
  readonly sequence: number | undefined;
  readonly parent: SnapshotRef | undefined;
}

/** A snapshot that was taken once: what a record may claim to be equal to. */
interface Past {
  readonly name: string;
  readonly sequence: number | undefined;
  readonly frozen: Frozen;
}

/**
 * A VM with small disks whose blocks are single bytes. The guest writes whenever it can, and in a vCenter others take, remove and
 * revert to snapshots. A revert brings back bytes and tracking of then, within the same epoch: numbers that were used already
 * are used again, for other bytes.
 */
export class Machine {
  power: PowerState;
  readonly place: 'vcenter' | 'cloud';
  protected readonly disks: SimDisk[];
  protected readonly live = new Map<SnapshotRef, SimSnapshot>();
  protected readonly everFrozen: { readonly key: DiskKey; readonly bytes: Uint8Array }[] = [];
  protected isTracking: boolean;
  protected readonly canTrack: boolean;
  private readonly hidesBootTime: boolean;
  private readonly revertsRunning: boolean;
  private readonly history: Past[] = [];
  /** Number that writes get now; each snapshot begins the next. */
  private sequence = 1;
  private written = 0;
  private taken = 0;
  private boots = 0;
  private bootedAt: number | undefined;
  private current: SnapshotRef | undefined;

  constructor(
    private readonly random: () => number,
    diskCount: number,
    { place = 'vcenter', tracking = 'on', power = 'on', hidesBootTime = false, revertsRunning = false }: MachineOptions,
  ) {
    this.place = place;
    this.hidesBootTime = hidesBootTime;
    this.revertsRunning = revertsRunning;
    this.canTrack = place === 'vcenter' && tracking !== 'never';
    this.isTracking = this.canTrack && tracking === 'on';
    this.power = power;
    if (power === 'on') this.bootedAt = ++this.boots;
    // The upper part starts as a hole: unallocated, reads as zero.
    this.disks = Array.from({ length: diskCount }, (_, index) => ({
      key: diskKey(2000 + index),
      bytes: new Uint8Array(BLOCKS).fill(index + 1, 0, BLOCKS / 2),
      changedAt: new Array<number>(BLOCKS).fill(1, 0, BLOCKS / 2).fill(0, BLOCKS / 2),
    }));
  }

  get keys(): DiskKey[] {
    return this.disks.map(({ key }) => key);
  }

  /** As the snapshot of this name froze it; without a name, or one that took no such id, as the newest one with it. */
  bytesAt(disk: DiskKey, id: ChangeId, name?: string): Uint8Array | undefined {
    const withId = this.history.filter(({ sequence }) => sequence === id.sequence);
    const found = withId.findLast((past) => past.name === name) ?? withId.at(-1);
    return found?.frozen.get(disk)?.bytes;
  }

  /** All that snapshots ever froze of the disk. */
  frozenBytes(disk: DiskKey): readonly Uint8Array[] {
    return this.everFrozen.flatMap(({ key, bytes }) => (key === disk ? [bytes] : []));
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
      this.written++;
      bytes[block] = this.random() < 0.3 ? 0 : ((this.written * 7 + block) % 255) + 1;
      changedAt[block] = this.sequence;
    }
  }

  powerOn(): void {
    if (this.power === 'on') return;
    this.power = 'on';
    this.bootedAt = ++this.boots;
  }

  powerOff(): void {
    this.power = 'off';
    this.bootedAt = undefined;
  }

  /** What others do, whether a process of ours lives or not. */
  takeForeignSnapshot(name = 'before upgrade'): SnapshotRef {
    return this.freezeAll(name, '').ref;
  }

  /** Its children become those of its parent. One that is gone already succeeds. */
  forgetSnapshot(ref: SnapshotRef): void {
    const gone = this.live.get(ref);
    if (gone === undefined) return;
    for (const [key, snapshot] of this.live)
      if (snapshot.parent === ref) this.live.set(key, { ...snapshot, parent: gone.parent });
    if (this.current === ref) this.current = gone.parent;
    this.live.delete(ref);
  }

  /** The VM is off afterwards, unless its snapshots revert it running. */
  revertTo(ref: SnapshotRef): void {
    const { frozen, sequence } = this.live.get(ref)!;
    for (const disk of this.disks) {
      const then = frozen.get(disk.key)!;
      disk.bytes.set(then.bytes);
      disk.changedAt.splice(0, BLOCKS, ...then.changedAt);
    }
    this.isTracking = sequence !== undefined;
    if (sequence !== undefined) this.sequence = sequence + 1;
    this.current = ref;
    if (!this.revertsRunning) this.powerOff();
  }

  protected freezeAll(name: string, description: string): SourceSnapshot {
    const sequence = this.isTracking ? this.sequence++ : undefined;
    const ref = snapshotRef(`snapshot-${++this.taken}`);
    const frozen: Frozen = new Map(
      this.disks.map(({ key, bytes, changedAt }) => [key, { bytes: bytes.slice(), changedAt: [...changedAt] }]),
    );
    const disks = this.disks.map(
      ({ key }): SnapshotDisk => ({
        key,
        uuid: uuidOf(key),
        capacity: BLOCKS,
        ...(sequence !== undefined && { changeId: { epoch: EPOCH, sequence } }),
        file: `${key}.vmdk`,
      }),
    );
    const snapshot: SourceSnapshot = { ref, vm: REF, name, disks };
    this.live.set(ref, { snapshot, description, frozen, sequence, parent: this.current });
    this.current = ref;
    this.history.push({ name, sequence, frozen });
    for (const { key, bytes } of this.disks) this.everFrozen.push({ key, bytes: bytes.slice() });
    return snapshot;
  }

  protected observed(): ObservedVm {
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
      cbt: { supported: this.canTrack, enabled: this.isTracking },
      traits: this.place === 'cloud' ? openstackTraits : vsphereTraits,
      cpus: 1,
      memoryMiB: 1024,
      nics: [],
      disks: this.disks.map(({ key }, index): ObservedDisk => this.observedDisk(key, index)),
      bootDisk: this.disks[0]!.key,
      ...(this.place === 'cloud' && { bootDiskFrom: 'boot-volume' as const }),
      ...this.tree(),
      ...(this.place === 'cloud' && {
        openstackGuest: { flavor: 'm1', securityGroups: [], imageMetadata: MACHINE, volumes: [] },
      }),
    };
  }

  private observedDisk(key: DiskKey, index: number): ObservedDisk {
    return {
      key,
      label: `Hard disk ${index + 1}`,
      uuid: uuidOf(key),
      capacity: BLOCKS,
      slot: { bus: 'scsi', controller: 0, unit: index },
      inSnapshots: true,
      ...(this.isTracking && { changeId: { epoch: EPOCH, sequence: this.sequence } }),
    };
  }

  private tree(): Pick<ObservedVm, 'snapshots' | 'currentSnapshot' | 'bootTime'> {
    const isTold = this.bootedAt !== undefined && !this.hidesBootTime;
    return {
      snapshots: [...this.live.values()].map(({ snapshot: { ref, name }, description, parent, sequence }) => ({
        ref,
        name,
        description,
        createdAt: '2026-01-01T00:00:00Z',
        ...(this.place === 'vcenter' && { trackedDisks: sequence === undefined ? [] : this.keys }),
        ...(parent !== undefined && { parent }),
      })),
      ...(this.current !== undefined && { currentSnapshot: this.current }),
      ...(isTold && { bootTime: new Date(this.bootedAt! * HOUR_MS).toISOString() }),
    };
  }

  private disk(key: DiskKey): SimDisk {
    return this.disks.find((disk) => disk.key === key)!;
  }
}

export const uuidOf = (key: DiskKey): string => `6000c29a11112222333344445555${key}`;
