import { createHash } from 'node:crypto';
import { invariant } from '../diag/diagnostic.js';

/** Of names and metadata values in Cinder, Nova and Neutron alike. */
const LENGTH_MAX = 255;
const HASH_LENGTH = 8;
const KEY = /^[a-zA-Z0-9\-_:. /]{1,255}$/;
const PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * A name that every cloud stores: printable ASCII, at most 255 characters. Names that have to be changed get a piece of
 * a hash at the end, so that two different names stay different. Four-byte UTF-8 is HTTP 500 on a utf8mb3 database.
 */
export function plainName(name: string): string {
  if (PRINTABLE.test(name) && name.length <= LENGTH_MAX && name.trim() !== '') return name;
  const letters = name
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .replaceAll(/[^\x20-\x7e]/gu, '_');
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_LENGTH);
  return `${letters.slice(0, LENGTH_MAX - HASH_LENGTH - 1).trim()}-${hash}`;
}

/** A note that every cloud stores as it is. */
export const isPlainText = (text: string): boolean => text !== '' && PRINTABLE.test(text) && text.length <= LENGTH_MAX;

/** Whether every cloud stores it as it is. */
export const isPlainMetadata = (key: string, value: string): boolean =>
  KEY.test(key) && PRINTABLE.test(value) && value.length <= LENGTH_MAX;

/** Metadata is written by our own codecs: anything that a cloud would refuse or spoil is a bug. Values are not quoted. */
export function assertPlainMetadata(metadata: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(metadata)) {
    invariant(KEY.test(key), `metadata key ${JSON.stringify(key)} is not one that clouds accept`);
    invariant(PRINTABLE.test(value), `metadata value of ${key} is not printable ASCII`);
    invariant(
      value.length <= LENGTH_MAX,
      `metadata value of ${key} has ${value.length} characters, at most ${LENGTH_MAX} are possible`,
    );
  }
}
