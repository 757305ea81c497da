import type { ConformanceClient } from './client.js';
import { brief, type ConformanceRow, withVolume } from './row.js';
import { makeBootable, mapping, withServer } from './server-rows.js';

const VERSION = '2.93';

/** What a server and its ports are made with, so that they are what they were elsewhere. */
export function carriedRows(client: ConformanceClient): ConformanceRow[] {
  const row = (name: string, expected: string, run: (root: string) => Promise<string>): ConformanceRow => ({
    area: 'carried',
    name,
    expected,
    run: () =>
      withVolume(client, async (root) => {
        await makeBootable(client, root, {});
        return run(root);
      }),
  });
  const read = async (id: string) => (await client.call('compute', 'GET', `/servers/${id}`, { version: VERSION })).body.server;
  return [
    row('description, tags and metadata', '["of the old cloud",["a b","x"],"1"]', (root) => {
      const texts = { description: 'of the old cloud', tags: ['x', 'a b'], metadata: { role: '1' } };
      return withServer(client, { block_device_mapping_v2: [mapping(root, 0)], ...texts }, async ({ id }) => {
        const { description, tags, metadata } = await read(id);
        return JSON.stringify([description, [...tags].sort(), metadata.role]);
      });
    }),
    row('a tag with a comma', '400', (root) =>
      withServer(client, { block_device_mapping_v2: [mapping(root, 0)], tags: ['a,b'] }, async (seen) => seen.brief.slice(0, 3)),
    ),
    row('a port without an address', '400 badRequest: Port <id> requires a FixedIP in order to be used.', async (root) => {
      const port = await addresslessPort(client);
      try {
        const wanted = { block_device_mapping_v2: [mapping(root, 0)], networks: [{ port }] };
        return await withServer(client, wanted, async ({ brief: seen }) => seen);
      } finally {
        await client.call('network', 'DELETE', `/v2.0/ports/${port}`);
      }
    }),
  ];
}

async function addresslessPort(client: ConformanceClient): Promise<string> {
  const { body } = await client.call('network', 'GET', '/v2.0/networks');
  const own = body.networks.find(({ project_id }: { project_id: string }) => project_id === client.projectId);
  const made = await client.call('network', 'POST', '/v2.0/ports', { body: { port: { network_id: own.id, fixed_ips: [] } } });
  return made.status === 201 ? made.body.port.id : brief(made);
}
