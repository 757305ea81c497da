import { type Cloud, isAdmin } from '../cloud.js';
import { invalidField } from '../wire/body-check.js';
import { type AuthorizedCall, badRequest, denied, isObject, type Reply } from '../wire/message.js';
import { pythonRepr } from '../wire/python-text.js';
import { type Route, secured } from '../wire/route.js';
import { attachmentsOf } from './attachment-state.js';
import { refuseIfNovas } from './attachments.js';
import { extendVolume } from './extend.js';
import { touch, volumeOf } from './find-volume.js';
import { setImageMetadata, showImageMetadata, unsetImageMetadata } from './image-metadata.js';
import { refuseUnlessFree, startDelete } from './volume-change.js';

type Action = (cloud: Cloud, call: AuthorizedCall, argument: unknown) => Reply;

const accepted: Reply = { status: 202 };

/** `POST /volumes/{id}/action`: the body's only key names the action. */
const actions: Readonly<Record<string, Action>> = {
  'os-set_image_metadata': setImageMetadata,
  'os-show_image_metadata': showImageMetadata,
  'os-unset_image_metadata': unsetImageMetadata,
  'os-set_bootable': setBootable,
  'os-extend': extendVolume,
  'os-reserve': oldReserve,
  'os-unreserve': oldUnreserve,
  'os-detach': oldDetach,
  'os-reset_status': () => refuseMember('reset_status'),
  'os-force_detach': () => refuseMember('force_detach'),
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

/** Nobody here detaches what Cinder itself attached in this way. */
function oldDetach(cloud: Cloud, call: AuthorizedCall): Reply {
  for (const attachment of attachmentsOf(cloud, volumeOf(cloud, call))) refuseIfNovas(attachment);
  throw new Error('the simulator detaches by the Attachments API only');
}

/** What only administrators may, and none of them does. */
function refuseMember(action: string): never {
  throw denied(`volume_extension:volume_admin_actions:${action}`);
}

/** Whatever its status; what holds it, or was made of it, protects it all the same. */
function forceDelete(cloud: Cloud, call: AuthorizedCall): Reply {
  const volume = volumeOf(cloud, call);
  if (!isAdmin(call.token)) throw denied('volume_extension:volume_admin_actions:force_delete');
  refuseUnlessFree(cloud, volume);
  startDelete(cloud, volume);
  return accepted;
}
