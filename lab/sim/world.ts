import type { Converter, GuestInspection } from '../../src/contracts/converter.js';
import type { DataPlane, NbdEndpoint } from '../../src/contracts/data-plane.js';
import { type DiskKey, diskKey, type ServerId, type SnapshotRef, type VolumeId } from '../../src/model/ids.js';
import { Gate } from './gate.js';
import type { MachineOptions } from './machine.js';
import { prng } from './prng.js';
import { BLOCKS, SourceVm } from './source-vm.js';
import { type SimVolume, TargetCloud } from './target-cloud.js';

export { SimulatedCrash } from './gate.js';

interface Overlay {
  readonly bytes: Map<number, number>;
  isComplete: boolean;
}

export interface WorldOptions extends MachineOptions {
  /** Volumes are attached to this server; those of a source in a cloud, by way of clones, too. */
  readonly host?: ServerId | undefined;
  /** What the conversion reports about the guest's drivers. Default true. */
  readonly virtio?: boolean;
}

/** Whoever judges whether it may begin; called with what is about to be read or written, before its first byte. */
export interface Watch {
  /** virt-v2v is about to read them. */
  onConversion(volumes: readonly SimVolume[]): void;
  /** An overlay is about to be merged into it. */
  onMerge(volume: SimVolume): void;
  /** Bytes of the source are about to be written to it. */
  onCopy(volume: SimVolume): void;
}

/** One source VM, one target project, the disk of the conversion host, and the process between them. */
export class World {
  readonly gate = new Gate(() => this.cloud.loseCaches());
  private readonly random: () => number;
  private readonly virtio: boolean;
  readonly vm: SourceVm;
  readonly cloud: TargetCloud;
  /** Durable on the conversion host. */
  readonly overlays = new Map<string, Overlay>();
  /** Whatever the local state keeps; durable when stored. */
  ledgerText: string | undefined;
  watch: Watch | undefined;

  constructor(seed: number, diskCount: number, { host, virtio = true, ...machine }: WorldOptions = {}) {
    this.random = prng(seed);
    this.virtio = virtio;
    const byClone = machine.place === 'cloud' && host !== undefined;
    this.vm = new SourceVm(this.gate, this.random, diskCount, { ...machine, byClone });
    this.cloud = new TargetCloud(this.gate, this.random, host);
  }

  restart({ crashAt = Number.POSITIVE_INFINITY } = {}): void {
    this.gate.restart(crashAt);
  }

  storeLedger(text: string): void {
    this.gate.effect();
    this.ledgerText = text;
  }

  static readonly converted = (source: Uint8Array): Uint8Array => source.map((byte) => (byte + 100) % 256);

  readonly dataPlane: DataPlane = {
    openSource: async (reader) => {
      this.gate.effect();
      const args = 'block' in reader ? [reader.block.driver] : reader.args;
      return endpoint(`source:${args.join(':')}`);
    },
    openTarget: async (block) => {
      this.gate.effect();
      if (block.driver !== 'file') throw new Error('the simulated cloud hands out files');
      return endpoint(`target:${block.path}`);
    },
    nonZeroExtents: async ({ uri }) => {
      this.gate.effect();
      return [...this.read(uri)].flatMap((byte, offset) => (byte === 0 ? [] : [{ offset, length: 1 }]));
    },
    // Nobody is cut off by memory.
    cutOff: async () => false,
    copy: async ({ source, target, extents, skipZeroes }) => {
      const volume = this.heldVolume(target);
      this.watch?.onCopy(volume);
      for (const { offset, length } of extents) {
        for (let block = offset; block < offset + length; block++) {
          const byte = this.read(source.uri)[block]!;
          if (skipZeroes && byte === 0) continue;
          this.gate.effect();
          volume.cache.set(block, byte);
        }
      }
      this.flush(volume);
    },
    firstDifference: async ({ source, target, extents }) => {
      this.gate.effect();
      const [a, b] = [this.read(source.uri), this.read(target.uri)];
      const compared = extents.flatMap(({ offset, length }) => Array.from({ length }, (_, index) => offset + index));
      return compared.find((at) => a[at] !== b[at]);
    },
  };

  /** Every disk boots, and the system is on the first one. */
  private guest(keys: readonly DiskKey[]): GuestInspection {
    const key = diskKey(Math.min(...keys));
    return {
      disks: keys.map((one) => ({ key: one, bios: true, efi: true, encrypted: [], windows: [] })),
      systems: [{ root: '/dev/sda1', family: 'linux', name: 'simulated Linux', disks: [key] }],
    };
  }

  readonly converter: Converter = {
    inspect: async ({ disks }) => {
      this.gate.effect();
      return this.guest(disks.map(({ key }) => key));
    },
    convert: async ({ disks }) => {
      this.watch?.onConversion(disks.map(({ endpoint: { uri } }) => this.volumeOf(uri)));
      for (const {
        endpoint: { uri },
        overlay,
      } of disks) {
        this.gate.effect();
        const made: Overlay = { bytes: new Map(), isComplete: false };
        this.overlays.set(overlay, made);
        for (const [offset, byte] of World.converted(this.read(uri)).entries()) {
          this.gate.effect();
          made.bytes.set(offset, byte);
        }
      }
      this.gate.effect();
      for (const { overlay } of disks) this.overlays.get(overlay)!.isComplete = true;
      const drivers = this.virtio ? 'virtio' : 'emulated';
      return { disk: drivers, network: drivers, firmware: 'any', warnings: [], guest: this.guest(disks.map(({ key }) => key)) };
    },
    commit: async ({ overlay, endpoint: target }) => {
      const made = this.overlays.get(overlay);
      if (made?.isComplete !== true) throw new Error(`overlay ${overlay} is not complete`);
      const volume = this.heldVolume(target);
      this.watch?.onMerge(volume);
      for (const [offset, byte] of made.bytes) {
        this.gate.effect();
        volume.cache.set(offset, byte);
      }
      this.flush(volume);
    },
    hasOverlay: async (overlay) => this.overlays.get(overlay)?.isComplete === true,
    discard: async (overlay) => {
      this.gate.effect();
      this.overlays.delete(overlay);
    },
  };

  private flush(volume: SimVolume): void {
    this.gate.effect();
    this.cloud.drain(volume);
  }

  private read(uri: string): Uint8Array {
    const [side, ref, key] = uri.split(':');
    if (side === 'source') return this.vm.readFrozen(ref as SnapshotRef, diskKey(Number(key)));
    const { durable, cache } = this.volumeOf(uri);
    return durable.map((byte, offset) => cache.get(offset) ?? byte);
  }

  private volumeOf(uri: string): SimVolume {
    return this.cloud.volumes.get(uri.split(':')[1] as VolumeId)!;
  }

  private heldVolume({ uri }: NbdEndpoint): SimVolume {
    const volume = this.volumeOf(uri);
    if (!this.gate.dead && volume.attachments.size !== 1) throw new Error(`${volume.id} is written while nobody holds it`);
    return volume;
  }
}

const endpoint = (uri: string): NbdEndpoint => ({ uri, size: BLOCKS, close: async () => {} });
