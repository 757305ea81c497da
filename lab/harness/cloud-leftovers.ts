import type { RealCloud, RealVolume } from './real-cloud.js';

/** What runs left in a project of the real cloud, one line each: holds, open images, free ports, snapshots. */
export async function cloudLeftovers(cloud: RealCloud): Promise<string[]> {
  const attachments = await cloud.attachments();
  const held = new Set(attachments.flatMap(({ volume, server }) => (server === undefined ? [] : [volume])));
  const volumes = (await cloud.volumes()).filter(({ id }) => !held.has(id));
  return [
    ...attachments.flatMap(({ id, volume, server }) => (server === undefined ? [`attachment ${id} on ${volume}`] : [])),
    ...volumes.flatMap(({ name, status }) => (status === 'available' ? [] : [`volume ${name} is ${status}`])),
    ...(await openVolumes(cloud, volumes)),
    ...(await cloud.ports()).flatMap(({ name, device_id }) => (device_id === '' ? [`port ${name} without a server`] : [])),
    ...(await cloud.snapshots()).map((name) => `snapshot ${name}`),
  ];
}

async function openVolumes(cloud: RealCloud, volumes: readonly RealVolume[]): Promise<string[]> {
  const open = await Promise.all(volumes.map(async ({ id, name }) => ({ name, watchers: await cloud.watchers(id) })));
  return open.flatMap(({ name, watchers }) => watchers.map((watcher) => `${watcher} has volume ${name} open`));
}
