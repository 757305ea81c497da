import { startDelete } from '../block/volume-change.js';
import type { Cloud } from '../cloud.js';
import type { AuthorizedCall, Reply } from '../wire/message.js';
import { findServer } from './find-server.js';
import type { Server } from './model.js';
import { releaseById } from './server-create.js';

/** `DELETE /servers/{id}`: 204 at once; volumes and ports are free a moment later. */
export function deleteServer(cloud: Cloud, call: AuthorizedCall): Reply {
  const server = findServer(cloud, call);
  server.taskState = 'deleting';
  cloud.clock.after(cloud.config.timings.serverDeleteMs, () => {
    if (!cloud.compute.servers.delete(server.id)) return;
    giveVolumesBack(cloud, server);
    givePortsBack(cloud, server);
  });
  return { status: 204 };
}

function giveVolumesBack(cloud: Cloud, server: Server): void {
  for (const { volumeId, attachmentId, deleteOnTermination } of server.volumes) {
    releaseById(cloud, attachmentId);
    const volume = cloud.block.volumes.get(volumeId);
    if (deleteOnTermination && volume?.status === 'available') startDelete(cloud, volume);
  }
}

function givePortsBack(cloud: Cloud, server: Server): void {
  const { ports } = cloud.networking;
  for (const portId of server.portIds) {
    const port = ports.get(portId);
    if (port !== undefined) Object.assign(port, { deviceId: '', deviceOwner: '', status: 'DOWN' });
  }
}
