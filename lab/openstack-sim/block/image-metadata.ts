import type { Cloud } from '../cloud.js';
import { characters, invalidField } from '../wire/body-check.js';
import { type AuthorizedCall, badRequest, isObject, notFound, type Reply } from '../wire/message.js';
import { pythonRepr } from '../wire/python-text.js';
import { touch, volumeOf } from './find-volume.js';
import { refuseFourByteText } from './metadata.js';
import type { Volume } from './model.js';

/**
 * `volume_image_metadata`: what Nova reads at boot to choose machine type, firmware and buses.
 * Cinder checks no meaning, only that values are short strings.
 */
export function setImageMetadata(cloud: Cloud, call: AuthorizedCall, argument: unknown): Reply {
  const volume = volumeOf(cloud, call);
  const wanted = isObject(argument) ? argument['metadata'] : undefined;
  if (!isObject(wanted)) throw badRequest('Malformed request body.');
  for (const [key, value] of Object.entries(wanted)) {
    if (typeof value !== 'string') throw invalidField(key, value, `${pythonRepr(value)} is not of type 'string'`);
    if (characters(value) > 255) throw invalidField(key, value, `${pythonRepr(value)} is too long`);
    if (key === '' || characters(key) > 255) throw badRequest('Metadata property key greater than 255 characters.');
  }
  const entries = Object.entries(wanted) as [string, string][];
  refuseFourByteText(entries.flat());
  volume.imageMetadata = new Map([...volume.imageMetadata, ...entries]);
  touch(cloud, volume);
  return shown(volume);
}

export function showImageMetadata(cloud: Cloud, call: AuthorizedCall): Reply {
  const volume = volumeOf(cloud, call);
  if (volume.imageMetadata.size === 0) throw nothingThere(volume.id);
  return shown(volume);
}

const shown = ({ imageMetadata }: Volume): Reply => ({
  status: 200,
  body: { metadata: Object.fromEntries(imageMetadata) },
});

const nothingThere = (id: string) => notFound(`Glance metadata for volume/snapshot ${id} cannot be found.`);

export function unsetImageMetadata(cloud: Cloud, call: AuthorizedCall, argument: unknown): Reply {
  const volume = volumeOf(cloud, call);
  const key = isObject(argument) ? argument['key'] : undefined;
  if (typeof key !== 'string') throw badRequest('The key cannot be None.');
  if (!volume.imageMetadata.delete(key)) throw nothingThere(volume.id);
  touch(cloud, volume);
  return { status: 200 };
}
