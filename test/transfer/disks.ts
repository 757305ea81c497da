import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataPlane } from '../../src/contracts/data-plane.js';
import type { DiskReader } from '../../src/contracts/disk-reader.js';
import type { TargetBlock } from '../../src/contracts/target-provider.js';
import { systemClock } from '../../src/host/clock.js';
import { openRunFolder } from '../../src/host/run-folder.js';
import { type Extent, endOf } from '../../src/model/extent.js';
import { type DataPlaneOptions, openDataPlane } from '../../src/transfer/index.js';

export const KiB = 1024;
export const SECTOR = 512;

/** Bytes that tell where they belong and who wrote them; never zero. */
export function pattern(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = 1 + ((i * 31 + (i >> 9) * 7 + seed * 101) % 255);
  return bytes;
}

/** What a target must hold after the extents were copied. */
export function afterCopy(source: Buffer, target: Buffer, extents: readonly Extent[]): Buffer {
  const result = Buffer.from(target);
  for (const extent of extents) source.copy(result, extent.offset, extent.offset, endOf(extent));
  return result;
}

/** Where two buffers differ first; undefined when they are equal. (expect.toEqual takes seconds for megabytes.) */
export function differsAt(a: Buffer, b: Buffer): number | undefined {
  if (a.equals(b)) return undefined;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return length;
}

export interface Bench extends AsyncDisposable {
  readonly folder: string;
  readonly runFolder: string;
  readonly plane: DataPlane & AsyncDisposable;
  /** Writes a disk; runs of zeroes become holes. */
  disk(name: string, content: Buffer): Promise<string>;
  read(name: string): Promise<Buffer>;
}

export async function openBench(options: Partial<DataPlaneOptions> = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'transfer-'));
  const run = await openRunFolder();
  const plane = openDataPlane({ runFolder: run.path, clock: systemClock, ...options });
  return {
    folder,
    runFolder: run.path,
    plane,
    disk: async (name, content) => {
      const path = join(folder, name);
      await writeFile(path, '');
      await using handle = await open(path, 'r+');
      await handle.truncate(content.length);
      for (let offset = 0; offset < content.length; offset += 4 * KiB) {
        const block = content.subarray(offset, offset + 4 * KiB);
        if (block.some((byte) => byte !== 0)) await handle.write(block, 0, block.length, offset);
      }
      return path;
    },
    read: (name) => readFile(join(folder, name)),
    [Symbol.asyncDispose]: async () => {
      await plane[Symbol.asyncDispose]();
      await run[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const fileReader = (path: string, more: Partial<DiskReader> = {}): DiskReader => ({
  program: 'nbdkit',
  plugin: 'file',
  args: [`file=${path}`],
  secrets: [],
  requestBytesMax: 2 ** 21,
  connections: 1,
  ...more,
});

export const fileBlock = (path: string): TargetBlock => ({ driver: 'file', path });
