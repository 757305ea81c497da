import type { ConformanceClient } from './client.js';
import { act, brief, type ConformanceRow, withVolume } from './row.js';

interface MetadataCase {
  readonly name: string;
  readonly method: string;
  readonly path?: string;
  readonly body?: unknown;
  readonly expected: string;
}

const long = 'x'.repeat(256);
const volume = { metadata: { vm: 'v', disk: '0' } };

/** Every case starts from a volume with metadata {vm: v, disk: 0}. */
const cases: readonly MetadataCase[] = [
  {
    name: 'POST merges',
    method: 'POST',
    body: { metadata: { k1: '1', disk: '1' } },
    expected: '200 {"disk":"1","k1":"1","vm":"v"}',
  },
  { name: 'PUT replaces all', method: 'PUT', body: { metadata: { only: '1' } }, expected: '200 {"only":"1"}' },
  { name: 'PUT of one key', method: 'PUT', path: '/vm', body: { meta: { vm: 'w' } }, expected: '200 {"vm":"w"}' },
  {
    name: 'PUT of one key, another in the body',
    method: 'PUT',
    path: '/vm',
    body: { meta: { other: 'w' } },
    expected: '400 badRequest: Request body and URI mismatch',
  },
  { name: 'DELETE of one key', method: 'DELETE', path: '/vm', expected: '200' },
  {
    name: 'DELETE of a key that is not there',
    method: 'DELETE',
    path: '/k2',
    expected: '404 itemNotFound: Volume <id> has no metadata with key k2.',
  },
  {
    name: '255 characters',
    method: 'PUT',
    body: { metadata: { k: 'é'.repeat(255) } },
    expected: `200 {"k":"${'é'.repeat(255)}"}`,
  },
  {
    name: '256 characters',
    method: 'PUT',
    body: { metadata: { len: long } },
    expected: `400 badRequest: Invalid input for field/attribute len. Value: ${long}. '${long}' is too long`,
  },
  { name: 'empty value', method: 'PUT', body: { metadata: { k: '' } }, expected: '200 {"k":""}' },
  {
    name: 'value that is no text',
    method: 'PUT',
    body: { metadata: { k: 5 } },
    expected: "400 badRequest: Invalid input for field/attribute k. Value: 5. 5 is not of type 'string'",
  },
  {
    name: 'four-byte character',
    method: 'PUT',
    body: { metadata: { k: '😀' } },
    expected: '500 computeFault: The server has either erred or is incapable of performing the requested operation.',
  },
  {
    name: 'key with é',
    method: 'POST',
    body: { metadata: { é: '1' } },
    expected:
      "400 badRequest: Invalid input for field/attribute metadata. Value: {'é': '1'}. 'é' does not match any of the regexes: '^[a-zA-Z0-9-_:. /]{1,255}$'",
  },
  {
    name: 'key with a slash cannot be deleted by path',
    method: 'DELETE',
    path: '/a%2Fb',
    expected: '404 page',
  },
];

const sorted = (metadata: object) => Object.fromEntries(Object.entries(metadata).sort());

export function metadataRows(client: ConformanceClient): ConformanceRow[] {
  const rows = cases.map(
    ({ name, method, path = '', body, expected }): ConformanceRow => ({
      area: 'metadata',
      name,
      expected,
      run: () =>
        withVolume(
          client,
          async (id) => {
            const answer = await client.call('volumev3', method, `/volumes/${id}/metadata${path}`, { body });
            return brief(answer, answer.body === '' ? undefined : (content) => sorted(content.metadata ?? content.meta));
          },
          volume,
        ),
    }),
  );
  return [...rows, ...otherRows(client), ...imageMetadataRows(client)];
}

function otherRows(client: ConformanceClient): ConformanceRow[] {
  const area = 'metadata';
  return [
    {
      area,
      name: '300 keys in one PUT',
      expected: '200 300',
      run: () =>
        withVolume(client, async (id) => {
          const metadata = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, 'v']));
          const answer = await client.call('volumev3', 'PUT', `/volumes/${id}/metadata`, { body: { metadata } });
          return brief(answer, (body) => Object.keys(body.metadata).length);
        }),
    },
    {
      area,
      name: 'PUT of the volume replaces all metadata',
      expected: '200 {"k":"1"}',
      run: () =>
        withVolume(
          client,
          async (id) => {
            const answer = await client.call('volumev3', 'PUT', `/volumes/${id}`, { body: { volume: { metadata: { k: '1' } } } });
            return brief(answer, (body) => body.volume.metadata);
          },
          volume,
        ),
    },
  ];
}

function imageMetadataRows(client: ConformanceClient): ConformanceRow[] {
  const set = (id: string, metadata: object) => act(client, id, { 'os-set_image_metadata': { metadata } });
  const row = (name: string, expected: string, run: (id: string) => Promise<string>): ConformanceRow => ({
    area: 'image metadata',
    name,
    expected,
    run: () => withVolume(client, run),
  });
  const shown = async (id: string) =>
    brief(await client.call('volumev3', 'GET', `/volumes/${id}`), (body) => body.volume.volume_image_metadata ?? 'absent');
  return [
    row('set answers with the merged whole', '200 {"hw_machine_type":"q35","os_type":"linux"}', async (id) => {
      await set(id, { hw_machine_type: 'pc', os_type: 'linux' });
      return brief(await set(id, { hw_machine_type: 'q35' }), (body) => sorted(body.metadata));
    }),
    row('absent from the volume when empty', '200 "absent"', shown),
    row('shown with the volume', '200 {"hw_machine_type":"q35"}', async (id) => {
      await set(id, { hw_machine_type: 'q35' });
      return shown(id);
    }),
    row('nothing is validated', '200 {"hw_machine_type":"bogus-99"}', async (id) =>
      brief(await set(id, { hw_machine_type: 'bogus-99' }), (body) => body.metadata),
    ),
    row('unset twice', '200, then 404 itemNotFound: Glance metadata for volume/snapshot <id> cannot be found.', async (id) => {
      await set(id, { os_type: 'linux' });
      const unset = () => act(client, id, { 'os-unset_image_metadata': { key: 'os_type' } });
      return `${brief(await unset())}, then ${brief(await unset())}`;
    }),
    row('show', '200 {"os_type":"linux"}', async (id) => {
      await set(id, { os_type: 'linux' });
      return brief(await act(client, id, { 'os-show_image_metadata': null }), (body) => body.metadata);
    }),
    row('show when there is none', '404 itemNotFound: Glance metadata for volume/snapshot <id> cannot be found.', async (id) =>
      brief(await act(client, id, { 'os-show_image_metadata': null })),
    ),
    row('setting nothing where there is none', '200 {}', async (id) => brief(await set(id, {}), (body) => body.metadata)),
    row('bootable as text', '200', async (id) => brief(await act(client, id, { 'os-set_bootable': { bootable: 'true' } }))),
    row('bootable, neither yes nor no', '400', async (id) =>
      String((await act(client, id, { 'os-set_bootable': { bootable: 'maybe' } })).status),
    ),
  ];
}
