import type { Answer, ConformanceClient } from './client.js';
import { act, brief, type ConformanceRow, withVolume } from './row.js';

const createCases: readonly (readonly [name: string, fields: object, expected: string])[] = [
  ['size 0', { size: 0 }, '400 badRequest: Invalid input for field/attribute size. Value: 0. 0 is less than the minimum of 1'],
  [
    'size -1',
    { size: -1 },
    '400 badRequest: Invalid input for field/attribute size. Value: -1. -1 is less than the minimum of 1',
  ],
  ['unknown zone', { size: 1, availability_zone: 'mars' }, "400 badRequest: Availability zone 'mars' is invalid."],
];

const statusCases: readonly (readonly [name: string, fields: object, expected: string])[] = [
  ['size 1.5', { size: 1.5 }, '400'],
  ['unknown type', { size: 1, volume_type: 'nope' }, '404'],
  ['bad imageRef', { size: 1, imageRef: '00000000-0000-4000-8000-000000000000' }, '400'],
  ['multiattach in the body', { size: 1, multiattach: true }, '400'],
];

export function volumeRows(client: ConformanceClient): ConformanceRow[] {
  const create = (fields: object) => client.call('volumev3', 'POST', '/volumes', { body: { volume: fields } });
  const area = 'volumes';
  return [
    ...createCases.map(([name, fields, expected]) => ({ area, name, expected, run: async () => brief(await create(fields)) })),
    ...statusCases.map(([name, fields, expected]) => ({
      area,
      name,
      expected,
      run: async () => String((await create(fields)).status),
    })),
    {
      area,
      name: 'unknown keys in the create body are ignored before 3.53, image metadata too',
      expected: '"available" absent',
      run: () => withVolume(client, (id) => shownAs(client, id), { volume_image_metadata: { a: 'b' }, nonsense: 1 }),
    },
    {
      area,
      name: 'unknown keys in the create body at 3.53',
      expected:
        "400 badRequest: Invalid input for field/attribute volume. Value: {'size': 1, 'nonsense': 1}. Additional properties are not allowed ('nonsense' was unexpected)",
      run: async () => {
        const body = { volume: { size: 1, nonsense: 1 } };
        return brief(await client.call('volumev3', 'POST', '/volumes', { body, version: '3.53' }));
      },
    },
    ...filterRows(client),
    ...refusalRows(client),
  ];
}

async function shownAs(client: ConformanceClient, id: string): Promise<string> {
  const { body } = await client.call('volumev3', 'GET', `/volumes/${id}`);
  return `${JSON.stringify(body.volume.status)} ${body.volume.volume_image_metadata ?? 'absent'}`;
}

interface FilterCase {
  readonly name: string;
  readonly query: string;
  readonly version?: string;
  readonly expected: string;
}

const metadata = (text: string) => `metadata=${encodeURIComponent(text)}`;

/** Two volumes: a {conf: run, disk: 0, note: it's} and b {conf: run, disk: 1}; expected lists those found. */
const filterCases: readonly FilterCase[] = [
  { name: 'one key', query: metadata("{'conf':'RUN','disk':'1'}"), expected: '200 ["b"]' },
  { name: 'JSON with double quotes', query: metadata('{"conf":"RUN"}'), expected: '200 ["a","b"]' },
  { name: 'a value with a quote', query: metadata('{"conf":"RUN","note":"it\'s"}'), expected: '200 ["a"]' },
  { name: 'keys AND together', query: metadata("{'conf':'RUN','disk':'0','note':'other'}"), expected: '200 []' },
  { name: 'values match as a whole', query: metadata("{'conf':'RU'}"), expected: '200 []' },
  { name: 'values match without regard to case', query: metadata("{'conf':'RUN','note':'IT\\'S'}"), expected: '200 ["a"]' },
  { name: 'text that is no dict', query: metadata('conf=RUN'), expected: '200 []' },
  { name: 'broken dict', query: metadata('{bad'), expected: '200 []' },
  { name: 'a number is compared as one', query: metadata("{'conf':'RUN','disk':1}"), expected: '200 ["b"]' },
  { name: 'the number of text is 0', query: metadata("{'note':0}"), expected: '200 ["a"]' },
  {
    name: 'given twice, the last decides',
    query: `${metadata("{'disk':'0'}")}&${metadata("{'conf':'RUN','disk':'1'}")}`,
    expected: '200 ["b"]',
  },
  { name: 'unknown filter at 3.0 is ignored', query: 'foo=bar', version: '3.0', expected: '200 ["a","b"]' },
  {
    name: 'unknown filter at 3.59',
    query: 'foo=bar',
    expected: '400 badRequest: Invalid filters foo are found in query options.',
  },
  { name: 'metadata~', query: 'metadata~=x', expected: '400 badRequest: Invalid filters metadata~ are found in query options.' },
  {
    name: 'image metadata is no filter at 3.0',
    query: `glance_${metadata("{'a':'b'}")}`,
    version: '3.0',
    expected: '200 ["a","b"]',
  },
];

function filterRows(client: ConformanceClient): ConformanceRow[] {
  return filterCases.map(({ name, query, version = '3.59', expected }, index) => ({
    area: 'list filter',
    name,
    expected,
    run: () => {
      const run = `run-${index}`;
      const found = async (): Promise<Answer> =>
        client.call('volumev3', 'GET', `/volumes/detail?${query.replaceAll('RUN', run)}`, { version });
      const own = (body: Answer['body']) =>
        body.volumes.filter((entry: Answer['body']) => entry.metadata.conf === run).map((entry: Answer['body']) => entry.name);
      return withVolume(
        client,
        () =>
          withVolume(client, async () => brief(await found(), (body) => own(body).sort()), {
            name: 'b',
            metadata: { conf: run, disk: '1' },
          }),
        { name: 'a', metadata: { conf: run, disk: '0', note: "it's" } },
      );
    },
  }));
}

function refusalRows(client: ConformanceClient): ConformanceRow[] {
  const area = 'refusals';
  const denied = (rule: string) => `403 forbidden: Policy doesn't allow ${rule} to be performed.`;
  return [
    {
      area,
      name: 'wrong project in the URL',
      expected: '400 badRequest: Malformed request url',
      run: async () => brief(await client.call('volumev3', 'GET', `/../${'0'.repeat(32)}/volumes`)),
    },
    {
      area,
      name: 'a volume that does not exist',
      expected: '404 itemNotFound: Volume <id> could not be found.',
      run: async () => brief(await client.call('volumev3', 'GET', '/volumes/00000000-0000-4000-8000-000000000000')),
    },
    {
      area,
      name: 'os-force_detach by a member',
      expected: denied('volume_extension:volume_admin_actions:force_detach'),
      run: () => withVolume(client, async (id) => brief(await act(client, id, { 'os-force_detach': {} }))),
    },
    {
      area,
      name: 'os-reset_status by a member',
      expected: '403',
      run: () =>
        withVolume(client, async (id) => String((await act(client, id, { 'os-reset_status': { status: 'error' } })).status)),
    },
    {
      area,
      name: 'pools by a member',
      expected: '403',
      run: async () => String((await client.call('volumev3', 'GET', '/scheduler-stats/get_pools')).status),
    },
    {
      area,
      name: 'resource_filters is open to members',
      expected: '200 true',
      run: async () =>
        brief(await client.call('volumev3', 'GET', '/resource_filters?resource=volume', { version: '3.33' }), (body) =>
          body.resource_filters[0].filters.includes('metadata'),
        ),
    },
  ];
}
