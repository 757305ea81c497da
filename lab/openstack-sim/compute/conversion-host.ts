import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { complete, connect, reserve } from '../block/attachment-state.js';
import { type Cloud, projectNamed } from '../cloud.js';
import { plantVolume } from '../control-volume.js';
import { composeGuest } from './guest.js';
import { bestDeviceKind, HostDevices } from './host-devices.js';
import type { Server } from './model.js';

/**
 * A running server that is this machine: what is attached to it shows in a folder here, as udev would show it. It boots from a
 * volume of its own, which shows as well.
 */
export function plantConversionHost(cloud: Cloud): void {
  const { conversionHost } = cloud.config;
  if (conversionHost === undefined) return;
  const { name, project = cloud.config.projects[0]?.name ?? '', byIdDir, machineType = 'pc' } = conversionHost;
  const root = plantVolume(cloud, {
    project,
    sizeGiB: 1,
    name: `${name}-root`,
    bootable: true,
    imageMetadata: { hw_machine_type: machineType },
  });
  const id = machineUuid() ?? cloud.ids.uuid();
  const attachment = reserve(cloud, root, { projectId: root.projectId, instanceId: id, byNova: true });
  connect(cloud, attachment, { host: 'sim', mountpoint: '/dev/vda' });
  complete(cloud, attachment);
  const now = cloud.clock.now();
  const disk = { volumeId: root.id, attachmentId: attachment.id, bootIndex: 0, bus: 'virtio', device: 'vda' };
  const server: Server = {
    id,
    name,
    projectId: projectNamed(cloud, project).id,
    userId: '',
    flavor: cloud.compute.flavors[0]!,
    keyName: null,
    availabilityZone: root.availabilityZone,
    status: 'ACTIVE',
    taskState: null,
    fault: undefined,
    metadata: new Map(),
    description: null,
    tags: [],
    configDrive: false,
    attributes: {},
    volumes: [{ ...disk, deleteOnTermination: false, tag: null, hotPlugged: false }],
    portIds: [],
    actions: [],
    domain: undefined,
    createdMs: now,
    updatedMs: now,
  };
  server.domain = composeGuest(cloud, server);
  cloud.compute.servers.set(id, server);
  const folder = join(cloud.stateDir, 'volumes');
  const devices = new HostDevices({ byIdDir, folder, kind: conversionHost.devices ?? bestDeviceKind(folder) });
  devices.add(root.id, root.file);
  cloud.compute.conversionHost = { id, devices };
}

/** Nova puts a server's id into its firmware. Undefined: this machine has none, or only root may read it. */
function machineUuid(): string | undefined {
  try {
    return readFileSync('/sys/class/dmi/id/product_uuid', 'utf8').trim().toLowerCase();
  } catch {
    return undefined;
  }
}

/** The guest's kernel has found a new disk. */
export function showDevice({ compute, block }: Cloud, { id }: Server, volumeId: string): void {
  const volume = block.volumes.get(volumeId);
  if (compute.conversionHost?.id !== id || volume === undefined || !compute.hypervisor.hostShowsDevices) return;
  compute.conversionHost.devices.add(volumeId, volume.file, { missingBytes: compute.hypervisor.hostDeviceMissingBytes });
}

export function hideDevice({ compute }: Cloud, { id }: Server, volumeId: string): void {
  if (compute.conversionHost?.id === id) compute.conversionHost.devices.remove(volumeId);
}
