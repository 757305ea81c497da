import { execFileSync } from 'node:child_process';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { SourceProvider } from '../../../src/contracts/source-provider.js';
import { systemClock } from '../../../src/host/clock.js';
import { ProgramFinder } from '../../../src/host/program.js';
import { readDocument } from '../../../src/manifest/read-document.js';
import { openNbd } from '../../../src/providers/nbd/index.js';

export const MiB = 2 ** 20;

/** A folder with machine files and images, and the provider that reads it. */
export class MachineFolder implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(): Promise<MachineFolder> {
    return new MachineFolder(await mkdtemp(join(tmpdir(), 'migplan-nbd-')));
  }

  /** One that is gone when the test is over. */
  static async ofTest(): Promise<MachineFolder> {
    const folder = await MachineFolder.make();
    onTestFinished(() => folder[Symbol.asyncDispose]());
    return folder;
  }

  at = (name: string): string => join(this.path, name);

  /** A raw image whose bytes are not zero at `at`. */
  async raw(name: string, { bytes = 8 * MiB, at = [0] }: { bytes?: number; at?: readonly number[] } = {}): Promise<string> {
    await using file = await open(this.at(name), 'w');
    await file.truncate(bytes);
    for (const offset of at) await file.write(Buffer.alloc(4096, 1 + (offset % 250)), 0, 4096, offset);
    return this.at(name);
  }

  /** `qemu-img convert` of a raw image, or `create`. */
  qemuImg(...args: string[]): void {
    execFileSync('qemu-img', args, { cwd: this.path, stdio: 'pipe' });
  }

  async machine(over: Readonly<Record<string, unknown>> = {}, file = 'web01.json'): Promise<string> {
    const document = { name: 'web01', firmware: 'bios', guest: 'linux', conversion: 'none', ...over };
    await writeFile(this.at(file), `${JSON.stringify(document, undefined, 2)}\n`);
    return this.at(file);
  }

  async open(
    config: { machines?: readonly string[]; images?: readonly string[]; certificates?: string } = {},
  ): Promise<SourceProvider> {
    return openNbd(
      { name: 'images', folder: this.path, machines: [this.path], ...config },
      { clock: systemClock, programs: new ProgramFinder(), socketFolder: async () => this.path, readDocument },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
