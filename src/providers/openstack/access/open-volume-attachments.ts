import { invariant } from '../../../diag/diagnostic.js';
import type { NovaAccess, OpenStackConfig } from '../config/cloud-config.js';
import type { CloudClient } from '../http/cloud-client.js';
import type { OpenStackDependencies } from '../http/open-client.js';
import { CinderAttachments } from './cinder-attachments.js';
import type { DeviceHost } from './device-host.js';
import { LocalDeviceHost } from './local-device-host.js';
import { NovaAttachments } from './nova-attachments.js';
import { SshDeviceHost } from './ssh-device-host.js';
import type { VolumeAttachments } from './volume-attachments.js';

export function openVolumeAttachments(
  client: CloudClient,
  { access, hostName }: OpenStackConfig,
  dependencies: OpenStackDependencies,
): VolumeAttachments {
  if (access.type === 'nova') {
    const byIdDir = access.byIdDir ?? '/dev/disk/by-id';
    return new NovaAttachments(client, { ...access, byIdDir }, deviceHost({ ...access, byIdDir }, dependencies));
  }
  return new CinderAttachments(client, { access, hostName });
}

function deviceHost(
  { ssh, byIdDir, sysDir = '/sys' }: NovaAccess & { readonly byIdDir: string },
  { clock, socketFolder }: OpenStackDependencies,
): DeviceHost {
  const folders = { byIdDir, sysDir };
  if (ssh === undefined) return new LocalDeviceHost(folders, clock);
  invariant(socketFolder !== undefined, 'access by ssh was opened without a place for sockets');
  return new SshDeviceHost({ ssh, folders, socketFolder });
}
