import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import type { LabProject } from '../lab-project.js';
import { imageTruth, type Truth } from '../truth.js';
import type { Opener, SourcePart } from './part.js';

export interface Image {
  readonly key: number;
  /** Raw file with what the disk holds. */
  readonly raw: string;
  readonly format: string;
}

/** Machines that are files of a project, with images as disks. */
export class MachineFiles implements SourcePart {
  readonly provider = 'images';
  readonly settings = { type: 'nbd', machines: '[machines]' };
  readonly clouds = [];
  readonly environment = {};
  readonly ports = [];
  readonly mapping = {};
  /** Raw files with what each disk holds, by key; keys are used once in all machines. */
  private readonly bytes = new Map<number, string>();
  readonly truth: Truth = imageTruth((key) => this.bytes.get(key)!);

  machine(project: LabProject, name: string, over: object): Promise<void> {
    const document = { name, firmware: 'bios', guest: 'linux', conversion: 'none', ...over };
    return project.write(`machines/${name}.json`, JSON.stringify(document, undefined, 2));
  }

  /** Makes an image of a raw file's bytes, and tells it as a machine file does. `raw` may be the image. */
  image(project: LabProject, name: string, { key, raw, format }: Image): object {
    const path = project.at(`machines/${name}`);
    this.bytes.set(key, raw);
    mkdirSync(project.at('machines'), { recursive: true });
    if (path !== raw) execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', format, raw, path]);
    return { path: name, format, key };
  }

  async leftovers(): Promise<string[]> {
    return [];
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

export const machineFiles = (): Opener<MachineFiles> => async () => new MachineFiles();
