import type { TargetVolume } from '../../../contracts/target-provider.js';
import type { VolumeTypeTraits } from '../../../model/observed-target.js';
import type { CloudClient } from '../http/cloud-client.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { optionalRead } from '../http/optional-read.js';
import { type ListCall, listAll } from '../http/pages.js';

const typeList: ListCall = { service: 'volume', path: '/types', name: 'volume_types', unlinked: true };
/** One call a type: a cloud with more types than this is asked about the first ones only. */
const ENCRYPTION_CALLS_MAX = 100;

/** undefined: the role may not list types. */
export async function readVolumeTypes(client: CloudClient): Promise<VolumeTypeTraits[] | undefined> {
  const types = await optionalRead(() => listAll(client, typeList), undefined);
  if (types === undefined) return undefined;
  const defaultId = await optionalRead(() => readDefault(client), undefined);
  const encrypted = await encryptedTypes(client, types);
  return types.map((type) => {
    const id = type.at('id').text();
    return {
      id,
      name: type.at('name').text(),
      isDefault: id === defaultId,
      encrypted: encrypted.has(id),
      multiattach: isMultiattach(type.at('extra_specs')),
    };
  });
}

async function readDefault(client: CloudClient): Promise<string> {
  const answer = await client.ask({ service: 'volume', method: 'GET', path: '/types/default' });
  return answer.at('volume_type').at('id').text();
}

/** The one extra spec that every user may see. */
const isMultiattach = (specs: JsonCursor): boolean => /^<is>\s*true$/i.test(specs.texts()['multiattach'] ?? '');

/** Only administrators may ask; the first refusal ends it. */
async function encryptedTypes(client: CloudClient, types: readonly JsonCursor[]): Promise<ReadonlySet<string>> {
  const encrypted = new Set<string>();
  for (const type of types.slice(0, ENCRYPTION_CALLS_MAX)) {
    const id = type.at('id').text();
    const answer = await optionalRead(
      () => client.ask({ service: 'volume', method: 'GET', path: `/types/${id}/encryption` }),
      undefined,
    );
    if (answer === undefined) return encrypted;
    if (!answer.at('encryption_id').isAbsent()) encrypted.add(id);
  }
  return encrypted;
}

/** What a member cannot ask about a type, its volumes say. */
export function withVolumesSeen(types: readonly VolumeTypeTraits[], volumes: readonly TargetVolume[]): VolumeTypeTraits[] {
  const seen = new Set(volumes.filter(({ encrypted }) => encrypted).map(({ type }) => type));
  return types.map((type) => (seen.has(type.name) ? { ...type, encrypted: true } : type));
}
