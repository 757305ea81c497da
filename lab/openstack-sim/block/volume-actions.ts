import { type Cloud, isAdmin, projectOf } from '../cloud.js';
import { invalidField } from '../wire/body-check.js';
import { type AuthorizedCall, badRequest, denied, isObject, type Reply } from '../wire/message.js';
import { pythonRepr } from '../wire/python-text.js';
import { type Route, secured } from '../wire/route.js';
import { attachmentsOf, complete, connectionData, release, reserve } from './attachment-state.js';
import { refuseIfNovas } from './attachments.js';
import { extendVolume } from './extend.js';
import { touch, volumeOf } from './find-volume.js';
import { setImageMetadata, showImageMetadata, unsetImageMetadata } from './image-metadata.js';

type Action = (cloud: Cloud, call: AuthorizedCall, argument: unknown) => Reply;

const accepted: Reply = { status: 202 };

import { refuseUnlessFree, startDelete } from './volume-change.js';

/** `POST /volumes/{id}/action`: the body's only key names the action. */
const actions: Readonly<Record<string, Action>> = {
  'os-set_image_metadata': setImageMetadata,
  'os-show_image_metadata': showImageMetadata,
  'os-unset_image_metadata': unsetImageMetadata,
  'os-set_bootable': setBootable,
  'os-extend': extendVolume,
  'os-reserve': oldReserve,
  'os-unreserve': oldUnreserve,
  'os-initialize_connection': initializeConnection,
  'os-terminate_connection': terminateConnection,
  'os-attach': oldAttach,
  'os-detach': oldDetach,
  'os-reset_status': resetStatus,
  'os-force_detach': forceDetach,
  'os-force_delete': forceDelete,
};

export function volumeActionRoutes(cloud: Cloud): Route[] {
  return [
    secured('POST', '/volumes/{id}/action', (call) => {
      const [name, argument] = isObject(call.body) ? (Object.entries(call.body)[0] ?? []) : [];
      const action = name === undefined ? undefined : actions[name];
      if (action === undefined) throw badRequest(`There is no such action: ${name ?? 'None'}`);
      return action(cloud, call, argument);
    }),
  ];
}

function setBootable(cloud: Cloud, call: AuthorizedCall, argument: unknown): Reply {
  const volume = volumeOf(cloud, call);
  const value = isObject(argument) ? argument['bootable'] : undefined;
  const known = { true: true, false: false }[String(value).toLowerCase()];
  if (known === undefined)
    throw invalidField('bootable', value, `${pythonRepr(value)} is not one of [True, 'True', 'true', False, 'False', 'false']`);
  volume.bootable = known;
  touch(cloud, volume);
  return { status: 200 };
}

function oldReserve(cloud: Cloud, call: AuthorizedCall): Reply {
  const volume = volumeOf(cloud, call);
  if (volume.status !== 'available') {
    throw badRequest(`Invalid volume: Volume status must be available to reserve, but the status is ${volume.status}.`);
  }
  volume.status = 'attaching';
  touch(cloud, volume);
  return accepted;
}

/** Undoes os-reserve only. A reservation of the Attachments API stays, although the answer is 202. */
function oldUnreserve(cloud: Cloud, call: AuthorizedCall): Reply {
  const volume = volumeOf(cloud, call);
  const held = attachmentsOf(cloud, volume).length > 0;
  if (volume.status === 'attaching' && !held) volume.status = 'available';
  return accepted;
}

function initializeConnection(cloud: Cloud, call: AuthorizedCall): Reply {
  const { driver_volume_type, ...data } = connectionData(volumeOf(cloud, call));
  return { status: 200, body: { connection_info: { driver_volume_type, data } } };
}

function terminateConnection(cloud: Cloud, call: AuthorizedCall): Reply {
  for (const attachment of attachmentsOf(cloud, volumeOf(cloud, call))) refuseIfNovas(attachment);
  return accepted;
}

function oldAttach(cloud: Cloud, call: AuthorizedCall, argument: unknown): Reply {
  const volume = volumeOf(cloud, call);
  const instanceId = isObject(argument) ? argument['instance_uuid'] : undefined;
  if (typeof instanceId !== 'string')
    throw invalidField('instance_uuid', instanceId, `${pythonRepr(instanceId)} is not of type 'string'`);
  const isReservedTheOldWay = volume.status === 'attaching' && attachmentsOf(cloud, volume).length === 0;
  if (isReservedTheOldWay) volume.status = 'available';
  complete(cloud, reserve(cloud, volume, { projectId: projectOf(call.token).id, instanceId, byNova: false, mode: 'rw' }));
  return accepted;
}

function oldDetach(cloud: Cloud, call: AuthorizedCall, argument: unknown): Reply {
  const volume = volumeOf(cloud, call);
  const held = attachmentsOf(cloud, volume);
  for (const attachment of held) refuseIfNovas(attachment);
  const wanted = isObject(argument) && typeof argument['attachment_id'] === 'string' ? argument['attachment_id'] : held[0]?.id;
  const attachment = held.find(({ id }) => id === wanted);
  if (attachment !== undefined) release(cloud, attachment);
  else volume.status = 'available';
  return accepted;
}

function resetStatus(cloud: Cloud, call: AuthorizedCall, argument: unknown): Reply {
  if (!isAdmin(call.token)) throw denied('volume_extension:volume_admin_actions:reset_status');
  const volume = volumeOf(cloud, call);
  if (isObject(argument) && typeof argument['status'] === 'string') volume.status = argument['status'];
  touch(cloud, volume);
  return accepted;
}

function forceDetach(cloud: Cloud, call: AuthorizedCall): Reply {
  if (!isAdmin(call.token)) throw denied('volume_extension:volume_admin_actions:force_detach');
  for (const attachment of attachmentsOf(cloud, volumeOf(cloud, call))) release(cloud, attachment);
  return accepted;
}

/** Whatever its status; what holds it, or was made of it, protects it all the same. */
function forceDelete(cloud: Cloud, call: AuthorizedCall): Reply {
  const volume = volumeOf(cloud, call);
  if (!isAdmin(call.token)) throw denied('volume_extension:volume_admin_actions:force_delete');
  refuseUnlessFree(cloud, volume);
  startDelete(cloud, volume);
  return accepted;
}
