import { complete, connect, mayReserve, release, reserve, reserveRefusal } from '../block/attachment-state.js';
import { type Cloud, projectOf } from '../cloud.js';
import type { AuthorizedCall, Reply } from '../wire/message.js';
import { composeGuest, nextDevice } from './guest.js';
import { beginAction, finishAction } from './instance-actions.js';
import type { InstanceAction, Server, ServerVolume } from './model.js';
import { checkServerQuota } from './quotas.js';
import { readServerRequest, type ServerRequest } from './server-request.js';

const EXHAUSTED = (id: string) =>
  `Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures for instance ${id}.`;

/** `POST /servers`: 202 with the volumes already reserved; whether the guest can run is found out later. */
export function createServer(cloud: Cloud, call: AuthorizedCall): Reply {
  const request = readServerRequest(cloud, call);
  checkServerQuota(cloud, projectOf(call.token), request.flavor);
  const id = cloud.ids.uuid();
  const held = request.devices.find(({ volume }) => !mayReserve(cloud, volume, id));
  if (held !== undefined) throw reserveRefusal(held.volume);
  const server = draftServer(cloud, call, { id, request });
  cloud.compute.servers.set(id, server);
  const action = beginAction(cloud, server, { action: 'create', event: 'compute__do_build_and_run_instance', call });
  cloud.clock.after(cloud.config.timings.serverBuildMs, () => build(cloud, server, action));
  const links = [{ rel: 'self', href: `${call.baseUrl}/compute/v2.1/servers/${id}` }];
  const body = {
    server: {
      id,
      links,
      'OS-DCF:diskConfig': 'MANUAL',
      security_groups: [{ name: 'default' }],
      adminPass: cloud.ids.hex().slice(0, 12),
    },
  };
  return { status: 202, headers: { Location: `${call.baseUrl}/compute/v2.1/servers/${id}` }, body };
}

function draftServer(cloud: Cloud, call: AuthorizedCall, { id, request }: { id: string; request: ServerRequest }): Server {
  const now = cloud.clock.now();
  for (const port of request.ports) port.deviceId = id;
  return {
    id,
    name: request.name,
    projectId: projectOf(call.token).id,
    userId: call.token.user.id,
    flavor: request.flavor,
    keyName: request.keyName,
    availabilityZone: request.availabilityZone,
    status: 'BUILD',
    taskState: 'scheduling',
    fault: undefined,
    metadata: new Map(request.metadata),
    description: request.description,
    tags: request.tags,
    configDrive: request.configDrive,
    attributes: {},
    volumes: takeVolumes(cloud, id, request),
    portIds: request.ports.map((port) => port.id),
    actions: [],
    domain: undefined,
    createdMs: now,
    updatedMs: now,
  };
}

function takeVolumes(cloud: Cloud, instanceId: string, { devices }: ServerRequest): ServerVolume[] {
  const taken: string[] = [];
  return devices.map(({ volume, bootIndex, deleteOnTermination, bus, tag }) => {
    const device = nextDevice(taken, bus);
    taken.push(device);
    const attachmentId = reserve(cloud, volume, { projectId: volume.projectId, instanceId, byNova: true }).id;
    return { volumeId: volume.id, attachmentId, bootIndex, deleteOnTermination, bus, device, tag, hotPlugged: false };
  });
}

function build(cloud: Cloud, server: Server, action: InstanceAction): void {
  if (server.status !== 'BUILD' || !cloud.compute.servers.has(server.id)) return;
  server.taskState = null;
  server.updatedMs = cloud.clock.now();
  // As seen, the action of a failed build still says Success.
  finishAction(cloud, action, 'Success');
  const { noValidHost, flavorsWithoutHost } = cloud.compute.hypervisor;
  if (noValidHost || flavorsWithoutHost.includes(server.flavor.name)) {
    // Never placed on a host, so nobody gives the volumes back until the server is deleted.
    fail(cloud, server, 'No valid host was found. ');
    return;
  }
  const domain = composeGuest(cloud, server);
  if (domain === undefined) {
    for (const { attachmentId } of server.volumes) releaseById(cloud, attachmentId);
    fail(cloud, server, EXHAUSTED(server.id));
    return;
  }
  for (const volume of server.volumes) plug(cloud, volume);
  for (const portId of server.portIds) bindPort(cloud, portId);
  server.domain = domain;
  server.status = 'ACTIVE';
}

function fail(cloud: Cloud, server: Server, message: string): void {
  server.status = 'ERROR';
  server.fault = { code: 500, message, createdMs: cloud.clock.now() };
}

/** Connects and completes the attachment of a server's volume. */
export function plug(cloud: Cloud, { attachmentId, device }: ServerVolume): void {
  const attachment = cloud.block.attachments.get(attachmentId);
  if (attachment === undefined) return;
  connect(cloud, attachment, { host: 'sim', mountpoint: `/dev/${device}` });
  complete(cloud, attachment);
}

export function releaseById(cloud: Cloud, attachmentId: string): void {
  const attachment = cloud.block.attachments.get(attachmentId);
  if (attachment !== undefined) release(cloud, attachment);
}

function bindPort(cloud: Cloud, portId: string): void {
  const port = cloud.networking.ports.get(portId);
  if (port === undefined) return;
  port.deviceOwner = 'compute:nova';
  const { portConnectMs } = cloud.compute.hypervisor;
  const connect = () => {
    port.status = 'ACTIVE';
  };
  if (portConnectMs === 0) connect();
  if (portConnectMs > 0) cloud.clock.after(portConnectMs, connect);
}
