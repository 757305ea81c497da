import { type Cloud, isAdmin } from '../cloud.js';
import { type AuthorizedCall, badRequest } from '../wire/message.js';
import { parsePythonDict } from '../wire/python-text.js';
import type { Volume } from './model.js';

/** The filters of a shipped resource_filters.json, from microversion 3.31 on. */
export const volumeFilters = [
  'name',
  'status',
  'metadata',
  'bootable',
  'migration_status',
  'availability_zone',
  'group_id',
  'size',
  'created_at',
  'updated_at',
] as const;

const STRICT_FILTERS = 31;
/** Before 3.31: the filters members get; unknown ones are dropped without a word. */
const legacyFilters: readonly string[] = ['name', 'status', 'metadata', 'availability_zone', 'bootable', 'group_id'];
const notFilters = new Set([
  'limit',
  'marker',
  'offset',
  'sort',
  'sort_key',
  'sort_dir',
  'all_tenants',
  'with_count',
  'project_id',
]);

type VolumeTest = (volume: Volume) => boolean;

/** The caller's filters as one test. Refuses unknown filters with 400 from 3.31 on. */
export function volumeFilter(cloud: Cloud, { query, version, token }: AuthorizedCall): VolumeTest {
  // A cloud without resource_filters.json drops every filter of a member.
  if (cloud.config.resourceFilters === 'off' && !isAdmin(token)) return () => true;
  const asked = [...query].filter(([key]) => !notFilters.has(key));
  const known: readonly string[] = version >= STRICT_FILTERS ? volumeFilters : legacyFilters;
  const unknown = asked.map(([key]) => key).filter((key) => !known.includes(key));
  if (version >= STRICT_FILTERS && unknown.length > 0) {
    throw badRequest(`Invalid filters ${unknown.sort().join(', ')} are found in query options.`);
  }
  const tests = asked.filter(([key]) => known.includes(key)).map(([key, value]) => testFor(key, value));
  return (volume) => tests.every((test) => test(volume));
}

/** The others are known by name, so that asking for them is no mistake; nothing here asks. */
function testFor(key: string, value: string): VolumeTest {
  if (key !== 'metadata') throw new Error(`the simulator does not filter volumes by ${key}`);
  return metadataTest(value);
}

/**
 * Keys AND together, values match as a whole; text that is no dict matches nothing, without an error. MariaDB compares:
 * without regard to case, and text with a number by the number that the text begins with, 0 when there is none.
 */
function metadataTest(text: string): VolumeTest {
  const wanted = parsePythonDict(text);
  if (wanted === undefined) return () => false;
  return ({ metadata }) => [...wanted].every(([key, value]) => isEqual(metadata.get(key), value));
}

function isEqual(text: string | undefined, wanted: string | number): boolean {
  if (text === undefined) return false;
  if (typeof wanted === 'string') return text.toLowerCase() === wanted.toLowerCase();
  return (Number.parseFloat(text) || 0) === wanted;
}
