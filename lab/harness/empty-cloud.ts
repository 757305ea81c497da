import type { RealCloud } from './real-cloud.js';
import { until } from './until.js';

/** Takes away everything in the lab's project demo, servers first; what is stuck is reset as administrator before. */
export async function emptyCloud(cloud: RealCloud): Promise<void> {
  await gone('servers', async () => (await cloud.servers()).map(({ id }) => id), {
    remove: (id) => cloud.call('compute', 'DELETE', `/servers/${id}`),
  });
  await gone('ports', async () => (await cloud.ports()).map(({ id }) => id), {
    remove: (id) => cloud.call('network', 'DELETE', `/v2.0/ports/${id}`),
  });
  await gone('attachments', async () => (await cloud.attachments()).map(({ id }) => id), {
    remove: (id) => cloud.call('volumev3', 'DELETE', `/attachments/${id}`),
  });
  await gone('volumes', async () => (await cloud.volumes()).map(({ id }) => id), {
    remove: async (id) => {
      const { status } = await cloud.call('volumev3', 'DELETE', `/volumes/${id}?cascade=true`);
      if (status === 400) await reset(cloud, id);
    },
  });
}

/** A volume whose state nobody ends any more, such as `creating` when its service was killed. */
async function reset(cloud: RealCloud, id: string): Promise<void> {
  const admin = await cloud.as('lab-admin');
  const project = (await cloud.call('volumev3', 'GET', `/volumes/${id}`)).body.volume?.['os-vol-tenant-attr:tenant_id'];
  if (project === undefined) return;
  await admin.call('volumev3', 'POST', `/volumes/${id}/action`, { body: { 'os-reset_status': { status: 'available' } } });
}

async function gone(
  what: string,
  list: () => Promise<string[]>,
  { remove }: { readonly remove: (id: string) => Promise<unknown> },
): Promise<void> {
  await until(`${what} to be gone`, async () => {
    const left = await list();
    for (const id of left) await remove(id);
    return left.length === 0;
  });
}
