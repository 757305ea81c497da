import type { Answer, ConformanceClient } from './client.js';
import { act, brief, type ConformanceRow, until, volumeStatus, withoutIds, withVolume } from './row.js';

const VERSION = '2.93';
const EXHAUSTED =
  'ERROR: Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures for instance <id>.';

interface BootCase {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly expected: string;
}

/** Booting from a bootable volume with such image metadata. */
const bootCases: readonly BootCase[] = [
  { name: 'no machine type', properties: {}, expected: 'ACTIVE in-use' },
  { name: 'pc', properties: { hw_machine_type: 'pc' }, expected: 'ACTIVE in-use' },
  { name: 'q35', properties: { hw_machine_type: 'q35' }, expected: 'ACTIVE in-use' },
  { name: 'a versioned type', properties: { hw_machine_type: 'pc-q35-6.2' }, expected: 'ACTIVE in-use' },
  {
    name: 'a type the host does not know',
    properties: { hw_machine_type: 'pc-i440fx-99.9' },
    expected: `${EXHAUSTED} available`,
  },
  { name: 'ide on q35', properties: { hw_machine_type: 'q35', hw_disk_bus: 'ide' }, expected: `${EXHAUSTED} available` },
  { name: 'ide on pc', properties: { hw_machine_type: 'pc', hw_disk_bus: 'ide' }, expected: 'ACTIVE in-use' },
  ...['hw_disk_bus', 'hw_firmware_type', 'hw_vif_model', 'hw_video_model'].map((key) => ({
    name: `${key}: bogus`,
    properties: { [key]: 'bogus' },
    expected: '400 badRequest: Invalid image metadata. Error: Field value bogus is invalid available',
  })),
  {
    name: 'min_ram too big',
    properties: { min_ram: '999999' },
    expected: "400 badRequest: Flavor's memory is too small for requested image. available",
  },
];

export function serverRows(client: ConformanceClient): ConformanceRow[] {
  const rows = bootCases.map(
    ({ name, properties, expected }): ConformanceRow => ({
      area: 'boot',
      name,
      expected,
      run: () =>
        withVolume(client, async (id) => {
          await makeBootable(client, id, properties);
          return withServer(client, [mapping(id, 0)], async (seen) => `${seen.brief} ${await settled(client, id)}`);
        }),
    }),
  );
  return [...rows, ...refusedBootRows(client), ...runningRows(client)];
}

function refusedBootRows(client: ConformanceClient): ConformanceRow[] {
  const area = 'boot';
  return [
    {
      area,
      name: 'a volume that is not bootable',
      expected: '400 badRequest: Block Device <id> is not bootable.',
      run: () => withVolume(client, (id) => withServer(client, [mapping(id, 0)], async (seen) => seen.brief)),
    },
    {
      area,
      name: 'a volume held by an attachment of ours',
      expected: '400 reserve refused',
      run: () =>
        withVolume(client, async (id) => {
          await makeBootable(client, id, {});
          await client.call('volumev3', 'POST', '/attachments', { body: { attachment: { volume_uuid: id } }, version: '3.27' });
          const text = 'status must be available or downloading to reserve, but the current status is reserved.';
          return withServer(client, [mapping(id, 0)], async ({ brief: seen }) =>
            seen.startsWith('400') && seen.includes(text) ? '400 reserve refused' : seen,
          );
        }),
    },
    {
      area,
      name: 'several disks are in use, in order',
      expected: 'in-use in-use ["vda","vdb"]',
      run: () =>
        withVolume(client, (root) =>
          withVolume(client, async (data) => {
            await makeBootable(client, root, {});
            return withServer(client, [mapping(root, 0), mapping(data, -1)], async ({ id }) => {
              const path = `/servers/${id}/os-volume_attachments`;
              const { body } = await client.call('compute', 'GET', path, { version: VERSION });
              const devices = [root, data].map((volume) =>
                body.volumeAttachments.find(hasVolume(volume)).device.replace('/dev/', ''),
              );
              return `${await settled(client, root)} ${await settled(client, data)} ${JSON.stringify(devices)}`;
            });
          }),
        ),
    },
  ];
}

const hasVolume = (id: string) => (entry: { volumeId: string }) => entry.volumeId === id;

type RunningRow = (name: string, expected: string, run: (root: string, server: string) => Promise<string>) => ConformanceRow;

function runningRows(client: ConformanceClient): ConformanceRow[] {
  const row: RunningRow = (name, expected, run) => ({
    area: 'running server',
    name,
    expected,
    run: () =>
      withVolume(client, async (root) => {
        await makeBootable(client, root, {});
        return withServer(client, [mapping(root, 0)], ({ id }) => run(root, id));
      }),
  });
  return [...volumeOfServerRows(client, row), ...imageRows(client, row)];
}

function imageRows(client: ConformanceClient, row: RunningRow): ConformanceRow[] {
  return [
    row('an image of it tells the default machine type it got; a snapshot is taken', '202 pc available', (_, server) =>
      withImageOf(
        client,
        server,
        async (answer, image, snapshot) => `${answer.status} ${image.hw_machine_type} ${snapshot.status}`,
      ),
    ),
    row('the snapshot outlives the image', 'snapshot for <name> available', (_, server) =>
      withImageOf(client, server, async (_answer, image, { id }) => {
        await client.call('image', 'DELETE', `/v2/images/${image.id}`);
        const { body } = await client.call('volumev3', 'GET', `/snapshots/${id}`);
        return `${body.snapshot.name.replace(image.name, '<name>')} ${body.snapshot.status}`;
      }),
    ),
  ];
}

function volumeOfServerRows(client: ConformanceClient, row: RunningRow): ConformanceRow[] {
  const conflictText = 'ConflictNovaUsingAttachment: Detach volume from instance <id> using the Compute API';
  return [
    row("Nova's attachment is not a member's to delete", `409 conflictingRequest: ${conflictText}`, async (root) => {
      const { body } = await client.call('volumev3', 'GET', `/attachments?volume_id=${root}`, { version: '3.27' });
      return brief(await client.call('volumev3', 'DELETE', `/attachments/${body.attachments[0].id}`, { version: '3.27' }));
    }),
    row('nor to detach the old way', `409 conflictingRequest: ${conflictText}`, async (root) =>
      brief(await act(client, root, { 'os-detach': {} })),
    ),
    row('attach answers 200 at once and ends in use', '200 in-use', (_, server) =>
      withVolume(client, async (data) => {
        const path = `/servers/${server}/os-volume_attachments`;
        const answer = await client.call('compute', 'POST', path, {
          body: { volumeAttachment: { volumeId: data } },
          version: VERSION,
        });
        const status = await until(
          client,
          () => volumeStatus(client, data),
          (seen) => seen === 'in-use' || seen === 'available',
        );
        await client.call('compute', 'DELETE', `/servers/${server}`, { version: VERSION });
        await until(
          client,
          () => volumeStatus(client, data),
          (seen) => seen === 'available',
        );
        return `${brief(answer)} ${status}`;
      }),
    ),
    row(
      'attached twice',
      '400 badRequest: Invalid volume: volume <id> is already attached to instances: <id>',
      async (root, server) => {
        const path = `/servers/${server}/os-volume_attachments`;
        return brief(
          await client.call('compute', 'POST', path, { body: { volumeAttachment: { volumeId: root } }, version: VERSION }),
        );
      },
    ),
    row('the machine type is nowhere in the server', '200 false', async (_, server) =>
      brief(await client.call('compute', 'GET', `/servers/${server}`, { version: VERSION }), (body) =>
        JSON.stringify(body).includes('i440fx'),
      ),
    ),
  ];
}

/** Makes an image of the server and takes it away again, with the snapshot of its one volume. */
async function withImageOf(
  client: ConformanceClient,
  server: string,
  use: (answer: Answer, image: Answer['body'], snapshot: Answer['body']) => Promise<string>,
): Promise<string> {
  const body = { createImage: { name: `image of ${server}` } };
  const answer = await client.call('compute', 'POST', `/servers/${server}/action`, { body, version: VERSION });
  const image = (await client.call('image', 'GET', `/v2/images/${answer.body.image_id}`)).body;
  const [{ snapshot_id: id }] = JSON.parse(image.block_device_mapping);
  const snapshot = () => client.call('volumev3', 'GET', `/snapshots/${id}`);
  try {
    const status = await until(
      client,
      async () => (await snapshot()).body.snapshot.status,
      (seen) => seen !== 'creating',
    );
    return await use(answer, image, { id, status });
  } finally {
    await client.call('image', 'DELETE', `/v2/images/${image.id}`);
    await client.call('volumev3', 'DELETE', `/snapshots/${id}`);
    await until(
      client,
      async () => String((await snapshot()).status),
      (seen) => seen === '404',
    );
  }
}

export const mapping = (uuid: string, boot_index: number) => ({
  uuid,
  source_type: 'volume',
  destination_type: 'volume',
  boot_index,
  delete_on_termination: false,
});

export async function makeBootable(
  client: ConformanceClient,
  id: string,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  await act(client, id, { 'os-set_bootable': { bootable: true } });
  if (Object.keys(metadata).length > 0) await act(client, id, { 'os-set_image_metadata': { metadata } });
}

/** The volume's status once Nova is done with it. */
const settled = (client: ConformanceClient, id: string) =>
  until(
    client,
    () => volumeStatus(client, id),
    (status) => status === 'in-use' || status === 'available',
  );

interface Seen {
  readonly id: string;
  /** The refusal, or the status the build ended in, with its fault. */
  readonly brief: string;
}

/** `wanted`: its block devices, or more of the request. */
export async function withServer(
  client: ConformanceClient,
  wanted: object[] | Readonly<Record<string, unknown>>,
  use: (seen: Seen) => Promise<string>,
): Promise<string> {
  const flavors = await client.call('compute', 'GET', '/flavors', { version: VERSION });
  const server = {
    name: 'conformance',
    flavorRef: flavors.body.flavors[0].id,
    networks: 'none',
    ...(Array.isArray(wanted) ? { block_device_mapping_v2: wanted } : wanted),
  };
  const made = await client.call('compute', 'POST', '/servers', { body: { server }, version: VERSION });
  if (made.status !== 202) return use({ id: '', brief: brief(made) });
  const id: string = made.body.server.id;
  const read = () => client.call('compute', 'GET', `/servers/${id}`, { version: VERSION });
  try {
    const { body } = await until(client, read, (answer: Answer) => answer.body.server.status !== 'BUILD');
    const fault = body.server.fault === undefined ? '' : `: ${body.server.fault.message}`;
    return await use({ id, brief: withoutIds(`${body.server.status}${fault}`) });
  } finally {
    await client.call('compute', 'DELETE', `/servers/${id}`, { version: VERSION });
    await until(client, read, (answer) => answer.status === 404);
  }
}
