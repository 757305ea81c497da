import { takeSnapshot } from '../block/snapshots.js';
import { type Cloud, projectOf } from '../cloud.js';
import { hexOf } from '../ids.js';
import { objectIn, requiredIn } from '../wire/body-check.js';
import { type AuthorizedCall, badRequest, isObject, type Reply } from '../wire/message.js';
import { type Route, secured } from '../wire/route.js';
import { findServer, requireState } from './find-server.js';
import { beginAction, finishAction } from './instance-actions.js';
import type { Server } from './model.js';

const IMAGE_ID_IN_BODY = 45;

/** `POST /servers/{id}/action`. */
export function serverActionRoutes(cloud: Cloud): Route[] {
  return [
    secured('POST', '/servers/{id}/action', (call) => {
      const server = findServer(cloud, call);
      const name = isObject(call.body) ? (Object.keys(call.body)[0] ?? '') : '';
      switch (name) {
        case 'os-stop':
          return switchPower(cloud, server, { call, name: 'stop', from: 'ACTIVE', to: 'SHUTOFF', task: 'powering-off' });
        case 'os-start':
          return switchPower(cloud, server, { call, name: 'start', from: 'SHUTOFF', to: 'ACTIVE', task: 'powering-on' });
        case 'createImage':
          return createImage(cloud, server, call);
        default:
          throw badRequest(`There is no such action: ${name}`);
      }
    }),
  ];
}

interface PowerSwitch {
  readonly call: AuthorizedCall;
  readonly name: 'stop' | 'start';
  readonly from: Server['status'];
  readonly to: Server['status'];
  readonly task: string;
}

function switchPower(cloud: Cloud, server: Server, { call, name, from, to, task }: PowerSwitch): Reply {
  requireState(server, name, [from]);
  server.taskState = task;
  const action = beginAction(cloud, server, { action: name, event: `compute_${name}_instance`, call });
  cloud.clock.after(cloud.config.timings.serverStopMs, () => {
    if (server.taskState !== task) return;
    server.status = to;
    server.taskState = null;
    server.updatedMs = cloud.clock.now();
    // A fresh start lays the PCI slots out anew: every disk is there from boot.
    if (to === 'SHUTOFF') for (const volume of server.volumes) volume.hotPlugged = false;
    finishAction(cloud, action, 'Success');
  });
  return { status: 202 };
}

/** The image carries what the server was first booted with, machine type included, at the price of a snapshot of each volume. */
function createImage(cloud: Cloud, server: Server, call: AuthorizedCall): Reply {
  requireState(server, 'createImage', ['ACTIVE', 'SHUTOFF']);
  const name = String(requiredIn(objectIn(call.body, 'createImage'), 'createImage', 'name'));
  const snapshots = server.volumes.flatMap(({ volumeId }) => {
    const volume = cloud.block.volumes.get(volumeId);
    return volume === undefined ? [] : [takeSnapshot(cloud, volume, { name: `snapshot for ${name}` })];
  });
  const properties = Object.fromEntries(server.domain?.builtWith ?? []);
  const mapping = snapshots.map(({ id, sizeGiB }, index) => ({
    source_type: 'snapshot',
    destination_type: 'volume',
    snapshot_id: id,
    volume_size: sizeGiB,
    boot_index: index === 0 ? 0 : -1,
  }));
  const id = cloud.ids.uuid();
  cloud.images.set(id, {
    id,
    name,
    ownerId: projectOf(call.token).id,
    properties: {
      ...properties,
      root_device_name: `/dev/${server.volumes[0]?.device}`,
      block_device_mapping: JSON.stringify(mapping),
    },
    sizeBytes: 0,
    checksum: hexOf(cloud.config.seed, `checksum ${id}`),
    file: snapshots[0]?.file,
    createdMs: cloud.clock.now(),
  });
  if (call.version >= IMAGE_ID_IN_BODY) return { status: 202, body: { image_id: id } };
  return { status: 202, headers: { Location: `${call.baseUrl}/image/v2/images/${id}` } };
}
