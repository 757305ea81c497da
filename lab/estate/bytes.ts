import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Converter, GuestInspection } from '../../src/contracts/converter.js';
import type { DataPlane, NbdEndpoint } from '../../src/contracts/data-plane.js';
import { type DiskKey, diskKey, type SnapshotRef, type VolumeId } from '../../src/model/ids.js';
import type { SourceMachine } from './source-machine.js';
import { frozenBytes } from './source-provider.js';
import type { EstateVolume, TargetProject } from './target-project.js';
import type { Wire } from './wire.js';

export interface BytesWorld {
  readonly machine: SourceMachine;
  readonly project: TargetProject;
  readonly wire: Wire;
  /** Called with what must never happen. */
  complain(what: string): void;
}

/** What stands in an overlay's file. */
interface Overlay {
  readonly bytes: readonly number[];
  readonly isComplete: boolean;
}

/** What virt-v2v makes of the disk that holds the system. */
export const converted = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => (byte + 100) % 256);

/** What moves and converts bytes. A volume is written into a cache, and is safe once that is flushed. */
export class Bytes {
  constructor(private readonly world: BytesWorld) {}

  readonly dataPlane: DataPlane = {
    openSource: (reader) =>
      this.world.wire.effect('bytes', 'openSource', () => {
        if ('block' in reader) throw new Error('the simulated source is read by a plugin');
        const [ref, key] = reader.args;
        return endpoint(`source|${ref}|${key}`, this.read(`source|${ref}|${key}`).length);
      }),
    openTarget: (block) =>
      this.world.wire.effect('bytes', 'openTarget', () => {
        if (block.driver !== 'file') throw new Error('the simulated cloud hands out files');
        return endpoint(`target|${block.path}`, this.read(`target|${block.path}`).length);
      }),
    nonZeroExtents: ({ uri }) =>
      this.world.wire.effect('bytes', 'nonZeroExtents', () =>
        [...this.read(uri)].flatMap((byte, offset) => (byte === 0 ? [] : [{ offset, length: 1 }])),
      ),
    copy: ({ source, target, extents, skipZeroes }) =>
      this.world.wire.effect('bytes', 'copy', () => {
        const volume = this.held(target);
        for (const { offset, length } of extents) {
          for (let block = offset; block < offset + length; block++) {
            const byte = this.read(source.uri)[block]!;
            if (!skipZeroes || byte !== 0) this.write(volume, block, byte);
          }
        }
        this.flush(volume);
      }),
    // Nobody is cut off by memory.
    cutOff: () => Promise.resolve(false),
    firstDifference: ({ source, target, extents }) =>
      this.world.wire.effect('bytes', 'firstDifference', () => {
        const [a, b] = [this.read(source.uri), this.read(target.uri)];
        const compared = extents.flatMap(({ offset, length }) => Array.from({ length }, (_, index) => offset + index));
        return compared.find((at) => a[at] !== b[at]);
      }),
  };

  /** As virt-v2v: one system is converted, wherever it stands; the other disks stay as they are. */
  readonly converter: Converter = {
    inspect: ({ disks }) => this.world.wire.effect('bytes', 'inspect', () => this.guest(disks)),
    convert: ({ disks }) =>
      this.world.wire.effect('bytes', 'convert', () => {
        const { machine, wire } = this.world;
        const made = disks.map(({ key, endpoint: volume, overlay }) => {
          wire.moment();
          writeOverlay(overlay, { bytes: [], isComplete: false });
          const size = machine.disks.find((disk) => disk.key === key)?.bytes.length ?? 0;
          return { overlay, bytes: key === machine.systemDisk ? [...converted(this.read(volume.uri).slice(0, size))] : [] };
        });
        wire.moment();
        for (const { overlay, bytes } of made) writeOverlay(overlay, { bytes, isComplete: true });
        const drivers = machine.traits.takesVirtio ? ('virtio' as const) : ('emulated' as const);
        const firmware = machine.traits.needsUefi ? ('uefi' as const) : ('any' as const);
        return { disk: drivers, network: drivers, firmware, warnings: [], guest: this.guest(disks) };
      }),
    commit: ({ overlay, endpoint: target }) =>
      this.world.wire.effect('bytes', 'commit', () => {
        const made = readOverlay(overlay);
        if (made?.isComplete !== true) throw new Error(`overlay ${overlay} is not complete`);
        const volume = this.held(target);
        for (const [offset, byte] of made.bytes.entries()) this.write(volume, offset, byte);
        this.flush(volume);
      }),
    hasOverlay: async (overlay) => readOverlay(overlay)?.isComplete === true,
    discard: (overlay) => this.world.wire.effect('bytes', 'discard', () => rmSync(overlay, { force: true })),
  };

  /** Only the system disk has something that boots. */
  private guest(disks: readonly { readonly key: DiskKey }[]): GuestInspection {
    const { systemDisk, traits } = this.world.machine;
    return {
      disks: disks.map(({ key }) => ({ key, bios: key === systemDisk, efi: key === systemDisk, encrypted: [], windows: [] })),
      systems: [{ root: '/dev/sda1', family: traits.family, name: 'simulated guest', disks: [systemDisk] }],
    };
  }

  private read(uri: string): Uint8Array {
    const [side, ref, key] = uri.split('|');
    if (side === 'source') return frozenBytes(this.world.machine, ref as SnapshotRef, diskKey(Number(key)));
    const { durable, cache } = this.world.project.volumes.get(ref as VolumeId)!;
    return durable.map((byte, offset) => cache.get(offset) ?? byte);
  }

  private held({ uri }: NbdEndpoint): EstateVolume {
    const { project, wire, complain } = this.world;
    const volume = project.volumes.get(uri.split('|')[1] as VolumeId)!;
    const isHeld = volume.attachments.size === 1 && [...volume.attachments.values()][0] === undefined;
    if (!wire.dead && !isHeld) complain(`${volume.id} is written while nobody holds it`);
    return volume;
  }

  private write(volume: EstateVolume, offset: number, byte: number): void {
    this.world.wire.moment();
    volume.cache.set(offset, byte);
  }

  private flush(volume: EstateVolume): void {
    this.world.wire.moment();
    this.world.project.drain(volume);
  }
}

const endpoint = (uri: string, size: number): NbdEndpoint => ({ uri, size, close: async () => {} });

function writeOverlay(path: string, overlay: Overlay): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(overlay));
}

const readOverlay = (path: string): Overlay | undefined =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Overlay) : undefined;
