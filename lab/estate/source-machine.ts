import { type DiskKey, diskKey, type SnapshotRef, snapshotRef } from '../../src/model/ids.js';
import type { PowerState } from '../../src/model/observed-source.js';
import { type DiskPicture, TrackedDisk } from './tracked-disk.js';

export interface MachineTraits {
  readonly place: 'vcenter' | 'cloud';
  /** In guest order. */
  readonly disks: readonly {
    /** Blocks, which are bytes. */
    readonly size: number;
    readonly bus: 'scsi' | 'sata' | 'nvme' | 'ide';
    readonly controller: number;
    readonly unit: number;
  }[];
  /** Index of the disk that holds the system. */
  readonly systemDisk: number;
  /** Index of the disk that the boot order names; absent: the order says nothing. */
  readonly bootOrder?: number | undefined;
  readonly nics: number;
  readonly firmware: 'bios' | 'efi';
  readonly family: 'linux' | 'windows' | 'other';
  /** Whether virtio drivers can be put into the guest. */
  readonly takesVirtio: boolean;
  /** Whether it boots by UEFI only, whatever its VM says. */
  readonly needsUefi: boolean;
  readonly tools: boolean;
  /** Whether the guest goes down when asked. */
  readonly obeys: boolean;
  /** Whether pulling the plug starts tracking anew. */
  readonly plugResetsTracking: boolean;
  readonly power: PowerState;
  readonly tracking: boolean;
}

export interface Snapshot {
  readonly ref: SnapshotRef;
  readonly name: string;
  readonly description: string;
  parent: SnapshotRef | undefined;
  readonly trackingWanted: boolean;
  readonly disks: Map<DiskKey, DiskPicture>;
}

const FIRST_KEY = 2000;

/** A VM, or a server of an old cloud, and what people and its guest do with it. The guest writes whenever it runs. */
export class SourceMachine {
  power: PowerState;
  tools: boolean;
  trackingWanted: boolean;
  needsConsolidation = false;
  boots = 1;
  /** What happened to it that tracking cannot be trusted after. */
  readonly traps = new Set<'revert' | 'tracked late'>();
  readonly disks: TrackedDisk[] = [];
  readonly snapshots = new Map<SnapshotRef, Snapshot>();
  current: SnapshotRef | undefined;
  private taken = 0;
  private made = 0;
  private epochs = 0;
  private written = 0;

  constructor(
    readonly traits: MachineTraits,
    private readonly random: () => number,
  ) {
    this.power = traits.power;
    this.tools = traits.tools;
    this.trackingWanted = traits.tracking && traits.place === 'vcenter';
    for (const { size, ...slot } of traits.disks) this.plug(size, slot);
    this.stun();
  }

  get systemDisk(): DiskKey {
    return diskKey(FIRST_KEY + this.traits.systemDisk);
  }

  get bootTime(): string {
    return new Date(Date.UTC(2026, 0, 1, this.boots)).toISOString();
  }

  /** Writes, or zeroes, random blocks; a guest that is not running writes nothing. */
  guestWrites(count: number, random = this.random): void {
    if (this.power !== 'on' || this.disks.length === 0) return;
    for (let i = 0; i < count; i++) {
      const disk = this.disks[Math.floor(random() * this.disks.length)]!;
      const block = Math.floor(random() * disk.bytes.length);
      this.written++;
      const byte = random() < 0.3 ? 0 : ((this.written * 7 + block) % 255) + 1;
      disk.write(block, byte, { isLossy: this.isLossy(disk.key) });
    }
  }

  /** vSphere 6.5 and later switch tracking on beside older snapshots, and lose writes from then on without a word. */
  private isLossy(key: DiskKey): boolean {
    return [...this.snapshots.values()].some(({ disks }) => disks.has(key) && disks.get(key)?.tracking === undefined);
  }

  takeSnapshot(name: string, description: string): Snapshot {
    this.stun();
    const snapshot = this.emptySnapshot(name, description);
    for (const disk of this.disks) if (disk.inSnapshots) snapshot.disks.set(disk.key, disk.freeze());
    this.guestWrites(2);
    return snapshot;
  }

  /** A snapshot whose disks are frozen one by one, as an old cloud does it. */
  emptySnapshot(name: string, description: string): Snapshot {
    const ref = snapshotRef(`snapshot-${++this.taken}`);
    const { trackingWanted, current: parent } = this;
    const snapshot: Snapshot = { ref, name, description, parent, trackingWanted, disks: new Map() };
    this.snapshots.set(ref, snapshot);
    this.current = ref;
    return snapshot;
  }

  /** Its children stand on its parent from now on. */
  removeSnapshot(ref: SnapshotRef): void {
    const gone = this.snapshots.get(ref);
    if (gone === undefined) return;
    for (const snapshot of this.snapshots.values()) if (snapshot.parent === ref) snapshot.parent = gone.parent;
    if (this.current === ref) this.current = gone.parent;
    this.snapshots.delete(ref);
    this.stun();
  }

  /** Disks, their maps and whether they are tracked are as they were; the VM is off. */
  revertTo(ref: SnapshotRef): void {
    const { disks, trackingWanted } = this.snapshots.get(ref)!;
    this.traps.add('revert');
    this.trackingWanted = trackingWanted;
    for (const disk of this.disks) {
      const picture = disks.get(disk.key);
      if (picture !== undefined) disk.restore(picture);
    }
    this.current = ref;
    this.power = 'off';
  }

  switchTracking(on: boolean): void {
    if (this.traits.place === 'cloud') return;
    this.trackingWanted = on;
    if (!on) for (const disk of this.disks) disk.tracking = undefined;
    if (on && this.snapshots.size > 0) this.traps.add('tracked late');
    if (on && this.power !== 'on') this.stun();
  }

  powerOn(): void {
    if (this.power === 'on') return;
    if (this.power === 'off') this.boots++;
    this.power = 'on';
    this.stun();
  }

  pullPlug(): void {
    if (this.power === 'on' && this.traits.plugResetsTracking) this.startTrackingAnew();
    this.power = 'off';
  }

  startTrackingAnew(): void {
    for (const disk of this.disks) if (disk.tracking !== undefined) disk.startTracking(this.nextEpoch());
  }

  /** Possible without snapshots only; what is new is told to nobody. */
  extend(index: number, by: number): void {
    const disk = this.disks[index % this.disks.length];
    if (disk === undefined || this.snapshots.size > 0) return;
    disk.bytes = Uint8Array.from([...disk.bytes, ...new Uint8Array(by)]);
    if (this.power === 'on') disk.write(disk.bytes.length - 1, 7, { isLossy: true });
  }

  /** Not tracked until the next stun. */
  addDisk(size: number): void {
    if (this.snapshots.size === 0) this.plug(size, { bus: 'scsi', controller: 1, unit: this.disks.length });
  }

  removeDisk(index: number): void {
    if (this.disks.length > 1 && this.snapshots.size === 0) this.disks.splice(index % this.disks.length, 1);
  }

  /** Another disk in the same slot, with the same key. */
  replaceDisk(index: number): void {
    const disk = this.disks[index % this.disks.length];
    if (disk === undefined || this.snapshots.size > 0) return;
    disk.uuid = this.nextUuid();
    disk.bytes = disk.bytes.map((_, block) => (block * 13 + 5) % 256);
    if (disk.tracking !== undefined) disk.startTracking(this.nextEpoch());
  }

  /** What waits for the VM to hold still for a moment becomes active. */
  private stun(): void {
    if (!this.trackingWanted) return;
    for (const disk of this.disks) if (disk.tracking === undefined && disk.inSnapshots) disk.startTracking(this.nextEpoch());
  }

  private plug(size: number, slot: Omit<MachineTraits['disks'][number], 'size'>): void {
    const key = diskKey(FIRST_KEY + this.made);
    // The upper part starts as a hole: unallocated, reads as zero.
    const bytes = new Uint8Array(size).fill(this.made + 1, 0, Math.ceil(size / 2));
    this.disks.push(new TrackedDisk(key, this.nextUuid(), slot, bytes));
    this.made++;
  }

  private nextUuid(): string {
    return `6000c29a1111222233334444${String(++this.epochs).padStart(8, '0')}`;
  }

  private nextEpoch(): string {
    const tail = String(++this.epochs).padStart(2, '0');
    return `52 de c0 d9 b9 43 9d 10-61 d5 4c 1b e9 7b 65 ${tail.slice(-2)}`;
  }
}
