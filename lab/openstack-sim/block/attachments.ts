import { isoMicroseconds } from '../clock.js';
import { type Cloud, isAdmin, projectOf } from '../cloud.js';
import { invalidField, objectIn, requiredIn } from '../wire/body-check.js';
import { type AuthorizedCall, badRequest, conflict, denied, isObject, notFound, type Reply } from '../wire/message.js';
import { pageOf } from '../wire/paging.js';
import { pythonRepr } from '../wire/python-text.js';
import { type Route, secured } from '../wire/route.js';
import { attachmentsOf, complete, connect, release, reserve } from './attachment-state.js';
import { findVolume } from './find-volume.js';
import type { Attachment, Volume } from './model.js';

const ATTACHMENTS = 27;
const COMPLETE = 44;
const ATTACH_MODE = 54;

/** The Attachments API. Plain members may use all of it. */
export function attachmentRoutes(cloud: Cloud): Route[] {
  return [
    secured('POST', '/attachments', (call) => create(cloud, call), ATTACHMENTS),
    secured('GET', '/attachments', (call) => list(cloud, call, summary), ATTACHMENTS),
    secured('GET', '/attachments/detail', (call) => list(cloud, call, detail), ATTACHMENTS),
    // No policy check here, as seen: whoever knows the id may read, connection_info included.
    secured('GET', '/attachments/{id}', (call) => answer(find(cloud, call)), ATTACHMENTS),
    secured('PUT', '/attachments/{id}', (call) => update(cloud, call), ATTACHMENTS),
    secured('DELETE', '/attachments/{id}', (call) => remove(cloud, call), ATTACHMENTS),
    secured('POST', '/attachments/{id}/action', (call) => action(cloud, call), COMPLETE),
  ];
}

function create(cloud: Cloud, call: AuthorizedCall): Reply {
  const wanted = objectIn(call.body, 'attachment');
  const volumeId = String(requiredIn(wanted, 'attachment', 'volume_uuid'));
  const volume = findVolume(cloud, call.token, volumeId);
  const mode = call.version >= ATTACH_MODE ? modeOf(wanted['mode']) : undefined;
  const attachment = reserve(cloud, volume, {
    projectId: projectOf(call.token).id,
    instanceId: typeof wanted['instance_uuid'] === 'string' ? wanted['instance_uuid'] : null,
    byNova: false,
    ...(mode !== undefined && { mode }),
  });
  const connector = wanted['connector'];
  // `{}` and null are no connector: only a reservation.
  if (!isObject(connector) || Object.keys(connector).length === 0) return answer(attachment);
  return connected(cloud, attachment, connector);
}

function modeOf(mode: unknown): string | undefined {
  if (mode === undefined || mode === null) return undefined;
  if (mode === 'rw' || mode === 'ro') return mode;
  throw invalidField('mode', mode, `${pythonRepr(mode)} is not one of ['rw', 'ro']`);
}

function update(cloud: Cloud, call: AuthorizedCall): Reply {
  const wanted = objectIn(call.body, 'attachment');
  const connector = requiredIn(wanted, 'attachment', 'connector');
  if (!isObject(connector)) throw invalidField('connector', connector, `${pythonRepr(connector)} is not of type 'object'`);
  if (Object.keys(connector).length === 0) throw invalidField('connector', connector, '{} does not have enough properties');
  const attachment = findOwn(cloud, call, 'volume:attachment_update');
  return connected(cloud, attachment, connector);
}

/** The answer still shows the status and mode of before the call, with the new connection_info: Cinder does not read again. */
function connected(cloud: Cloud, attachment: Attachment, connector: Record<string, unknown>): Reply {
  const before = { ...attachment };
  connect(cloud, attachment, connector);
  return answer({ ...before, connectionInfo: attachment.connectionInfo });
}

function remove(cloud: Cloud, call: AuthorizedCall): Reply {
  const attachment = findOwn(cloud, call, 'volume:attachment_delete');
  refuseIfNovas(attachment);
  const volume = cloud.block.volumes.get(attachment.volumeId) as Volume;
  release(cloud, attachment);
  return { status: 200, body: { attachments: attachmentsOf(cloud, volume).map(summary) } };
}

/** Only the Compute API may take a server's volume away. */
export function refuseIfNovas(attachment: Attachment): void {
  if (!attachment.heldByNova) return;
  const reason = `Detach volume from instance ${attachment.instanceId} using the Compute API`;
  throw conflict(`ConflictNovaUsingAttachment: ${reason}`);
}

function action(cloud: Cloud, call: AuthorizedCall): Reply {
  if (!isObject(call.body) || !('os-complete' in call.body)) {
    throw badRequest(`There is no such action: ${isObject(call.body) ? (Object.keys(call.body)[0] ?? 'None') : 'None'}`);
  }
  complete(cloud, findOwn(cloud, call, 'volume:attachment_complete'));
  return { status: 204 };
}

function find(cloud: Cloud, { params }: AuthorizedCall): Attachment {
  const attachment = cloud.block.attachments.get(params['id'] as string);
  if (attachment === undefined)
    throw notFound(`Volume attachment could not be found with filter: attachment_id = ${params['id']}.`);
  return attachment;
}

function findOwn(cloud: Cloud, call: AuthorizedCall, rule: string): Attachment {
  const attachment = find(cloud, call);
  if (!isAdmin(call.token) && attachment.projectId !== projectOf(call.token).id) throw denied(rule);
  return attachment;
}

function list(cloud: Cloud, call: AuthorizedCall, view: (attachment: Attachment) => object): Reply {
  const { query, token } = call;
  const everyProject = isAdmin(token) && query.has('all_tenants');
  const wanted = (key: string, value: string | null) => !query.has(key) || query.get(key) === value;
  const found = [...cloud.block.attachments.values()].filter(
    (attachment) =>
      (everyProject || attachment.projectId === projectOf(token).id) &&
      wanted('volume_id', attachment.volumeId) &&
      wanted('instance_id', attachment.instanceId) &&
      wanted('status', attachment.status),
  );
  // The answer has no links: a client asks on until a page brings nothing new.
  const { items } = pageOf(found, call, {
    pageSizeMax: cloud.config.pageSize,
    url: `${call.baseUrl}${call.path}`,
    markerNotFound: (marker) => notFound(`Volume attachment could not be found with filter: attachment_id = ${marker}.`),
  });
  return { status: 200, body: { attachments: items.map(view) } };
}

const answer = (attachment: Attachment): Reply => ({ status: 200, body: { attachment: detail(attachment) } });

const summary = ({ id, status, instanceId, volumeId }: Attachment) => ({ id, status, instance: instanceId, volume_id: volumeId });

const detail = (attachment: Attachment) => ({
  ...summary(attachment),
  attached_at: attachment.attachedMs === undefined ? '' : isoMicroseconds(attachment.attachedMs),
  detached_at: '',
  attach_mode: attachment.mode,
  connection_info: attachment.connectionInfo,
});
