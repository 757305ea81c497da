import { attachmentsOf, connect, mayReserve, reserve, reserveRefusal } from '../block/attachment-state.js';
import { findVolume } from '../block/find-volume.js';
import type { Volume } from '../block/model.js';
import type { Cloud } from '../cloud.js';
import { objectIn, requiredIn } from '../wire/body-check.js';
import { type AuthorizedCall, badRequest, notFound, type Reply } from '../wire/message.js';
import { type Route, secured } from '../wire/route.js';
import { hideDevice, showDevice } from './conversion-host.js';
import { findServer, requireState } from './find-server.js';
import { guestDisk, isQ35, nextDevice } from './guest.js';
import { beginAction, finishAction } from './instance-actions.js';
import type { InstanceAction, Server, ServerVolume } from './model.js';
import { plug, releaseById } from './server-create.js';

const TAG = 70;
const DELETE_ON_TERMINATION = 79;
const ATTACHMENT_ID = 89;

/** `os-volume_attachments`: attach and detach while the server exists. */
export function serverVolumeRoutes(cloud: Cloud): Route[] {
  const path = '/servers/{id}/os-volume_attachments';
  return [
    secured('GET', path, (call) => {
      const server = findServer(cloud, call);
      return { status: 200, body: { volumeAttachments: server.volumes.map((volume) => view(server, volume, call)) } };
    }),
    secured('POST', path, (call) => attach(cloud, call)),
    secured('DELETE', `${path}/{volume}`, (call) => detach(cloud, call)),
  ];
}

/** Answers 200 at once; whether the guest really got the disk shows later, on the volume and in the instance action. */
function attach(cloud: Cloud, call: AuthorizedCall): Reply {
  const server = findServer(cloud, call);
  const wanted = objectIn(call.body, 'volumeAttachment');
  const volume = findVolume(cloud, call.token, String(requiredIn(wanted, 'volumeAttachment', 'volumeId')));
  requireState(server, 'attach_volume', ['ACTIVE', 'SHUTOFF']);
  refuseIfHeld(cloud, volume, server);
  const bus = server.domain?.disks[0]?.bus ?? 'virtio';
  const entry: ServerVolume = {
    volumeId: volume.id,
    attachmentId: reserve(cloud, volume, { projectId: volume.projectId, instanceId: server.id, byNova: true }).id,
    bootIndex: -1,
    deleteOnTermination: wanted['delete_on_termination'] === true,
    bus,
    device: nextDevice(
      server.volumes.map(({ device }) => device),
      bus,
    ),
    tag: typeof wanted['tag'] === 'string' ? wanted['tag'] : null,
    hotPlugged: server.status === 'ACTIVE',
  };
  const hasSlot = !entry.hotPlugged || freeSlots(server) > 0;
  server.volumes.push(entry);
  const action = beginAction(cloud, server, { action: 'attach_volume', event: 'compute_attach_volume', call });
  finishAttach(cloud, server, { entry, action, hasSlot });
  return { status: 200, body: { volumeAttachment: view(server, entry, call) } };
}

function refuseIfHeld(cloud: Cloud, volume: Volume, server: Server): void {
  const here = server.volumes.some(({ volumeId }) => volumeId === volume.id);
  const novas = attachmentsOf(cloud, volume).filter(({ heldByNova, status }) => heldByNova && status === 'attached');
  if (here || (novas.length > 0 && !volume.type.multiattach)) {
    const servers = here ? server.id : novas.map(({ instanceId }) => instanceId).join(', ');
    throw badRequest(`Invalid volume: volume ${volume.id} is already attached to instances: ${servers}`);
  }
  if (!mayReserve(cloud, volume, server.id)) throw reserveRefusal(volume);
}

/** Disks that a running q35 guest takes: nova's default num_pcie_ports leaves room for one. */
const Q35_HOTPLUG_SLOTS = 1;

/** Slots for disks that a running guest has left; only q35 is short of them. */
function freeSlots(server: Server): number {
  if (server.domain === undefined || !isQ35(server.domain.machineType)) return Number.POSITIVE_INFINITY;
  return Q35_HOTPLUG_SLOTS - server.volumes.filter(({ hotPlugged }) => hotPlugged).length;
}

interface Attaching {
  readonly entry: ServerVolume;
  readonly action: InstanceAction;
  readonly hasSlot: boolean;
}

function finishAttach(cloud: Cloud, server: Server, { entry, action, hasSlot }: Attaching): void {
  const { attachMs } = cloud.config.timings;
  const attachment = () => cloud.block.attachments.get(entry.attachmentId);
  cloud.clock.after(attachMs / 2, () => {
    const reserved = attachment();
    if (reserved !== undefined) connect(cloud, reserved, { host: 'sim', mountpoint: `/dev/${entry.device}` });
  });
  cloud.clock.after(attachMs, () => {
    if (attachment() === undefined) return;
    if (hasSlot) {
      plug(cloud, entry);
      showDevice(cloud, server, entry.volumeId);
    } else unplug(cloud, server, entry);
    updateDisks(cloud, server);
    finishAction(cloud, action, hasSlot ? 'Success' : 'Error');
  });
}

function unplug(cloud: Cloud, server: Server, entry: ServerVolume): void {
  hideDevice(cloud, server, entry.volumeId);
  releaseById(cloud, entry.attachmentId);
  const index = server.volumes.indexOf(entry);
  if (index >= 0) server.volumes.splice(index, 1);
}

const updateDisks = (cloud: Cloud, server: Server): void => {
  if (server.domain !== undefined)
    server.domain = { ...server.domain, disks: server.volumes.map((volume) => guestDisk(cloud, volume)) };
};

/** Answers 202 at once. A running guest that does not answer keeps the disk: back to in-use, the action says Error. */
function detach(cloud: Cloud, call: AuthorizedCall): Reply {
  const server = findServer(cloud, call);
  const entry = attachedVolume(server, call);
  if (entry.bootIndex === 0) throw badRequest('Cannot detach a root device volume');
  requireState(server, 'detach_volume', ['ACTIVE', 'SHUTOFF']);
  const volume = cloud.block.volumes.get(entry.volumeId) as Volume;
  if (volume.status !== 'in-use') {
    const needed = "Volume status must be 'in-use' and attach_status must be 'attached' to detach.";
    throw badRequest(`Invalid volume: Unable to detach volume. ${needed}`);
  }
  volume.status = 'detaching';
  const action = beginAction(cloud, server, { action: 'detach_volume', event: 'compute_detach_volume', call });
  cloud.clock.after(cloud.config.timings.detachMs, () => {
    const lets = server.status === 'SHUTOFF' || cloud.compute.hypervisor.guestsAnswerDetach;
    if (lets) unplug(cloud, server, entry);
    else volume.status = 'in-use';
    updateDisks(cloud, server);
    finishAction(cloud, action, lets ? 'Success' : 'Error');
  });
  return { status: 202 };
}

function attachedVolume(server: Server, { params }: AuthorizedCall): ServerVolume {
  const entry = server.volumes.find(({ volumeId }) => volumeId === params['volume']);
  if (entry === undefined) throw notFound(`volume_id not found: ${params['volume']}`);
  return entry;
}

const view = (server: Server, entry: ServerVolume, { version }: AuthorizedCall) => ({
  ...(version < ATTACHMENT_ID && { id: entry.volumeId }),
  volumeId: entry.volumeId,
  serverId: server.id,
  device: `/dev/${entry.device}`,
  ...(version >= TAG && { tag: entry.tag }),
  ...(version >= DELETE_ON_TERMINATION && { delete_on_termination: entry.deleteOnTermination }),
  ...(version >= ATTACHMENT_ID && { attachment_id: entry.attachmentId, bdm_uuid: entry.attachmentId }),
});
