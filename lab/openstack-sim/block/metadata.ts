import type { Cloud } from '../cloud.js';
import { characters, invalidField, needsFourBytes, objectIn } from '../wire/body-check.js';
import { type AuthorizedCall, badRequest, isObject, notFound, Refusal, type Reply } from '../wire/message.js';
import { pythonRepr } from '../wire/python-text.js';
import { type Route, secured } from '../wire/route.js';
import { touch, volumeOf } from './find-volume.js';
import type { Volume } from './model.js';

const KEY_PATTERN = '^[a-zA-Z0-9-_:. /]{1,255}$';
const keyPattern = /^[a-zA-Z0-9\-_:. /]{1,255}$/;
const VALUE_LENGTH_MAX = 255;

/** Volume metadata: POST merges, PUT replaces all, PUT and DELETE of one key. It can be changed in every status. */
export function metadataRoutes(cloud: Cloud): Route[] {
  return [
    secured('GET', '/volumes/{id}/metadata', (call) => answer(volumeOf(cloud, call))),
    secured('POST', '/volumes/{id}/metadata', (call) => write(cloud, call, 'merge')),
    secured('PUT', '/volumes/{id}/metadata', (call) => write(cloud, call, 'replace')),
    secured('PUT', '/volumes/{id}/metadata/{key}', (call) => writeOne(cloud, call)),
    secured('DELETE', '/volumes/{id}/metadata/{key}', (call) => removeOne(cloud, call)),
  ];
}

function write(cloud: Cloud, call: AuthorizedCall, how: 'merge' | 'replace'): Reply {
  const volume = volumeOf(cloud, call);
  const wanted = checkedMetadata(objectIn(call.body, 'metadata'));
  refuseFourByteText([...wanted.keys(), ...wanted.values()]);
  volume.metadata = how === 'merge' ? new Map([...volume.metadata, ...wanted]) : wanted;
  touch(cloud, volume);
  cloud.block.evidence.metadataWritten(volume, wanted.keys());
  return answer(volume);
}

const answer = (volume: Volume): Reply => ({ status: 200, body: { metadata: Object.fromEntries(volume.metadata) } });

function writeOne(cloud: Cloud, call: AuthorizedCall): Reply {
  const volume = volumeOf(cloud, call);
  const wanted = checkedMetadata(objectIn(call.body, 'meta'), 'meta');
  const key = call.params['key'] as string;
  const value = wanted.get(key);
  if (wanted.size > 1) throw badRequest('Request body contains too many items');
  if (value === undefined) throw badRequest('Request body and URI mismatch');
  refuseFourByteText([value]);
  volume.metadata.set(key, value);
  touch(cloud, volume);
  cloud.block.evidence.metadataWritten(volume, [key]);
  return { status: 200, body: { meta: { [key]: value } } };
}

function removeOne(cloud: Cloud, call: AuthorizedCall): Reply {
  const { volume, key } = existingKey(cloud, call);
  volume.metadata.delete(key);
  touch(cloud, volume);
  return { status: 200 };
}

function existingKey(cloud: Cloud, call: AuthorizedCall): { volume: Volume; key: string } {
  const volume = volumeOf(cloud, call);
  const key = call.params['key'] as string;
  if (!volume.metadata.has(key)) throw notFound(`Volume ${volume.id} has no metadata with key ${key}.`);
  return { volume, key };
}

/** Keys and values as Cinder's schema wants them, else 400 in the schema's words. */
export function checkedMetadata(raw: unknown, field = 'metadata'): Map<string, string> {
  if (!isObject(raw)) throw invalidField(field, raw, `${pythonRepr(raw)} is not of type 'object'`);
  for (const [key, value] of Object.entries(raw)) {
    if (!keyPattern.test(key))
      throw invalidField(field, raw, `${pythonRepr(key)} does not match any of the regexes: '${KEY_PATTERN}'`);
    if (typeof value !== 'string') throw invalidField(key, value, `${pythonRepr(value)} is not of type 'string'`);
    if (characters(value) > VALUE_LENGTH_MAX) throw invalidField(key, value, `${pythonRepr(value)} is too long`);
  }
  return new Map(Object.entries(raw) as [string, string][]);
}

/** A utf8mb3 database cannot store an emoji; the error comes up as an internal one. */
export function refuseFourByteText(texts: readonly (string | null)[]): void {
  if (!texts.some((text) => text !== null && needsFourBytes(text))) return;
  throw new Refusal(500, 'The server has either erred or is incapable of performing the requested operation.');
}
