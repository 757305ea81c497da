import { execFile } from 'node:child_process';
import { copyFile, link, mkdir, open, rename, rm, stat, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { noise, prng } from '../prng.js';
import type { DiskContent } from '../world-config.js';

const run = promisify(execFile);
const CHUNK = 1_048_576;
const PATTERN_BLOCK = 65_536;

/**
 * The bytes of one virtual disk as a sparse raw file. Freezing is a hard link and costs nothing; the first write after a
 * freeze replaces the live file by a copy, so whoever has the frozen path open keeps the frozen bytes.
 */
export class DiskImage {
  private isShared = false;

  private constructor(
    readonly path: string,
    private size: number,
  ) {}

  /** Makes the file. `capacity` may be left out when the content is a file. */
  static async create(
    path: string,
    options: { capacity: number | undefined; content: DiskContent | undefined },
  ): Promise<DiskImage> {
    const { content } = options;
    await mkdir(dirname(path), { recursive: true });
    if (content !== undefined && 'file' in content) await copySparse(content.file, path);
    else await (await open(path, 'w')).close();
    const capacity = options.capacity ?? (await stat(path)).size;
    await truncate(path, capacity);
    if (content !== undefined && 'pattern' in content) await writePattern(path, capacity, content.pattern);
    return new DiskImage(path, capacity);
  }

  get capacity(): number {
    return this.size;
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    await this.unshare();
    const file = await open(this.path, 'r+');
    try {
      await file.write(bytes, 0, bytes.length, offset);
    } finally {
      await file.close();
    }
  }

  /** Zeroes are written as such, in pieces: the disk may be larger than memory. */
  async writeZeroes(offset: number, length: number): Promise<void> {
    const zeroes = Buffer.alloc(Math.min(CHUNK, length));
    for (let done = 0; done < length; done += CHUNK) {
      await this.write(offset + done, zeroes.subarray(0, Math.min(CHUNK, length - done)));
    }
  }

  /** Makes `frozenPath` hold the present bytes for ever. */
  async freeze(frozenPath: string): Promise<void> {
    await mkdir(dirname(frozenPath), { recursive: true });
    await link(this.path, frozenPath);
    this.isShared = true;
  }

  /** Goes back to frozen bytes, of a size they may have had then. */
  async revertTo(frozenPath: string): Promise<void> {
    await rm(this.path);
    await link(frozenPath, this.path);
    this.isShared = true;
    this.size = (await stat(this.path)).size;
  }

  async extend(capacity: number): Promise<void> {
    await this.unshare();
    await truncate(this.path, capacity);
    this.size = capacity;
  }

  private async unshare(): Promise<void> {
    if (!this.isShared) return;
    await copySparse(this.path, `${this.path}.new`);
    await rename(`${this.path}.new`, this.path);
    this.isShared = false;
  }
}

/** Holes stay holes; on file systems with shared extents the copy is free. */
async function copySparse(from: string, to: string): Promise<void> {
  try {
    await run('cp', ['--reflink=auto', '--sparse=auto', '--no-target-directory', '--', from, to]);
  } catch {
    await copyFile(from, to);
  }
}

async function writePattern(path: string, capacity: number, pattern: { seed: number; dataRatio: number }): Promise<void> {
  const random = prng(pattern.seed);
  const file = await open(path, 'r+');
  try {
    for (let offset = 0; offset < capacity; offset += PATTERN_BLOCK) {
      const seed = random() * 4_294_967_296;
      if (random() >= pattern.dataRatio) continue;
      await file.write(noise(seed, Math.min(PATTERN_BLOCK, capacity - offset)), 0, undefined, offset);
    }
  } finally {
    await file.close();
  }
}
