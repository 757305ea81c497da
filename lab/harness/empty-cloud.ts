import { setTimeout as sleep } from 'node:timers/promises';
import type { RealCloud } from './real-cloud.js';
import { until } from './until.js';

const PAUSE_MS = 300;

/** Takes away everything in the project, servers first. For one run at a time: it knows no owners. */
export async function emptyCloud(cloud: RealCloud): Promise<void> {
  await gone('servers', {
    list: () => cloud.servers(),
    remove: ({ id }) => cloud.call('compute', 'DELETE', `/servers/${id}`),
  });
  await gone('ports', { list: () => cloud.ports(), remove: ({ id }) => cloud.call('network', 'DELETE', `/v2.0/ports/${id}`) });
  await gone('attachments', {
    list: () => cloud.attachments(),
    remove: ({ id }) => cloud.call('volumev3', 'DELETE', `/attachments/${id}`),
  });
  await gone('volumes', { list: () => cloud.volumes(), remove: ({ id }) => removeVolume(cloud, id) });
}

/** Nothing holds it any more. What refuses all the same is stuck, such as in `creating` when its service was killed. */
async function removeVolume(cloud: RealCloud, id: string): Promise<void> {
  const { status } = await cloud.call('volumev3', 'DELETE', `/volumes/${id}?cascade=true`);
  if (status !== 400) return;
  const admin = await cloud.as('lab-admin');
  const reset = { 'os-reset_status': { status: 'available', attach_status: 'detached' } };
  await admin.call('volumev3', 'POST', `/volumes/${id}/action`, { body: reset });
}

interface Things<T> {
  list(): Promise<readonly T[]>;
  remove(thing: T): Promise<unknown>;
}

async function gone<T>(what: string, { list, remove }: Things<T>): Promise<void> {
  await until(`${what} to be gone`, async () => {
    const left = await list();
    for (const thing of left) await remove(thing);
    if (left.length > 0) await sleep(PAUSE_MS);
    return left.length === 0;
  });
}
