import { statSync } from 'node:fs';
import type { SimClock } from '../clock.js';
import type { ResolvedConfig } from '../config.js';
import { hexOf, uuidOf } from '../ids.js';

export interface Image {
  readonly id: string;
  readonly name: string;
  /** Undefined: public. */
  readonly ownerId: string | undefined;
  readonly properties: Readonly<Record<string, string>>;
  readonly sizeBytes: number;
  readonly checksum: string;
  readonly file: string | undefined;
  readonly createdMs: number;
}

export function createImages(config: ResolvedConfig, clock: SimClock): Map<string, Image> {
  const images = config.images.map((entry): Image => {
    const { name, properties = {}, file } = entry;
    return {
      id: entry.id ?? uuidOf(config.seed, `image ${name}`),
      name,
      ownerId: undefined,
      properties,
      sizeBytes: file === undefined ? 0 : statSync(file).size,
      checksum: hexOf(config.seed, `checksum ${name}`),
      file,
      createdMs: clock.now(),
    };
  });
  return new Map(images.map((image) => [image.id, image]));
}
