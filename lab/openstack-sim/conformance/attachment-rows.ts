import type { Answer, ConformanceClient } from './client.js';
import { act, brief, type ConformanceRow, until, volumeStatus, withVolume } from './row.js';

const RESERVED =
  '400 badRequest: Invalid volume: Volume <id> status must be available or downloading to reserve, but the current status is reserved.';
const DELETE_REFUSED =
  '400 badRequest: Invalid volume: Volume status must be available or error or error_restoring or error_extending or error_managing and must not be ' +
  'migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be disassociated from snapshots after volume transfer.';

/** The Attachments API as a member uses it to hold a volume. */
export function attachmentRows(client: ConformanceClient): ConformanceRow[] {
  const api = attachmentCalls(client);
  const row = (name: string, expected: string, run: (id: string) => Promise<string>): ConformanceRow => ({
    area: 'attachments',
    name,
    expected,
    run: () => withVolume(client, run),
  });
  return [
    row('needs 3.27', '404', async (id) => String((await api.create(id, {}, '3.26')).status)),
    row('os-complete needs 3.44', '404', async (id) => {
      const attachment = await api.hold(id);
      return String((await api.complete(attachment, '3.43')).status);
    }),
    row('walks reserved, attaching, in-use, available', 'reserved attaching in-use available', async (id) => {
      const seen: string[] = [];
      const note = async () => seen.push(await volumeStatus(client, id));
      const attachment = await api.hold(id);
      await note();
      await api.connect(attachment);
      await note();
      await api.complete(attachment);
      await note();
      await api.remove(attachment);
      await note();
      return seen.join(' ');
    }),
    row('a connector at once', 'attaching', async (id) => {
      await api.create(id, { connector: { host: 'h' } });
      return volumeStatus(client, id);
    }),
    row('an empty connector only reserves', 'reserved', async (id) => {
      await api.create(id, { connector: {} });
      return volumeStatus(client, id);
    }),
    row('the answer to a connector still shows the state before it', '200 ["reserved","null","rw"]', async (id) => {
      const attachment = await api.hold(id);
      return brief(await api.connect(attachment), ({ attachment: a }) => [
        a.status,
        a.attach_mode,
        a.connection_info.access_mode,
      ]);
    }),
    row('a second holder is refused', RESERVED, async (id) => {
      await api.hold(id);
      return brief(await api.create(id, {}));
    }),
    row('an instance that does not exist is accepted and may be removed', '200 []', async (id) => {
      const attachment = await api.hold(id, { instance_uuid: '00000000-0000-4000-8000-000000000000' });
      await api.complete(attachment);
      return brief(await api.remove(attachment), (body) => body.attachments);
    }),
    row('mode ro is shown, access stays rw', '200 ["ro","rw"]', async (id) => {
      await api.create(id, { mode: 'ro', connector: { host: 'h' } }, '3.54');
      const { body } = await client.call('volumev3', 'GET', `/attachments?volume_id=${id}`, { version: '3.54' });
      const shown = await client.call('volumev3', 'GET', `/attachments/${body.attachments[0].id}`, { version: '3.54' });
      return brief(shown, ({ attachment: a }) => [a.attach_mode, a.connection_info.access_mode]);
    }),
    ...whileHeldRows(client, api),
    ...deleteRows(client, api),
    row('the old actions', '202 attaching available', async (id) => {
      const reserved = await act(client, id, { 'os-reserve': null });
      const seen = await volumeStatus(client, id);
      await act(client, id, { 'os-unreserve': null });
      return `${brief(reserved)} ${seen} ${await volumeStatus(client, id)}`;
    }),
  ];
}

function whileHeldRows(client: ConformanceClient, api: ReturnType<typeof attachmentCalls>): ConformanceRow[] {
  const row = (name: string, expected: string, run: (id: string) => Promise<string>): ConformanceRow => ({
    area: 'attachments',
    name,
    expected,
    run: () => withVolume(client, run),
  });
  return [
    row('os-unreserve is accepted and does nothing', '202 reserved', async (id) => {
      await api.hold(id);
      return `${brief(await act(client, id, { 'os-unreserve': null }))} ${await volumeStatus(client, id)}`;
    }),
    row('metadata can be written while in use', '200', async (id) => {
      await api.complete(await api.hold(id));
      return brief(await client.call('volumev3', 'POST', `/volumes/${id}/metadata`, { body: { metadata: { k: 'v' } } }));
    }),
    row('in-use volumes grow from 3.42 on', '202 2', async (id) => {
      await api.complete(await api.hold(id));
      const answer = await act(client, id, { 'os-extend': { new_size: 2 } }, '3.44');
      const size = async () => (await client.call('volumev3', 'GET', `/volumes/${id}`)).body.volume.size as number;
      return `${brief(answer)} ${await until(client, size, (gib) => gib === 2)}`;
    }),
  ];
}

function deleteRows(client: ConformanceClient, api: ReturnType<typeof attachmentCalls>): ConformanceRow[] {
  const stages = ['reserved', 'attaching', 'in-use'] as const;
  return stages.map((stage, index) => ({
    area: 'attachments',
    name: `a volume that is ${stage} cannot be deleted`,
    expected: DELETE_REFUSED,
    run: () =>
      withVolume(client, async (id) => {
        const attachment = await api.hold(id);
        if (index >= 1) await api.connect(attachment);
        if (index >= 2) await api.complete(attachment);
        return brief(await client.call('volumev3', 'DELETE', `/volumes/${id}`));
      }),
  }));
}

function attachmentCalls(client: ConformanceClient) {
  const call = (method: string, path: string, version: string, body?: unknown): Promise<Answer> =>
    client.call('volumev3', method, `/attachments${path}`, { version, ...(body !== undefined && { body }) });
  const create = (volume_uuid: string, more: object, version = '3.27') =>
    call('POST', '', version, { attachment: { volume_uuid, ...more } });
  return {
    create,
    hold: async (volumeId: string, more: object = {}): Promise<string> => (await create(volumeId, more)).body.attachment.id,
    connect: (id: string) => call('PUT', `/${id}`, '3.27', { attachment: { connector: { host: 'h' } } }),
    complete: (id: string, version = '3.44') => call('POST', `/${id}/action`, version, { 'os-complete': null }),
    remove: (id: string) => call('DELETE', `/${id}`, '3.27'),
  };
}
