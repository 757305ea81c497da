import { invariant } from '../../../diag/diagnostic.js';
import type { NovaAccess, OpenStackConfig } from '../config/cloud-config.js';
import type { CloudClient } from '../http/cloud-client.js';
import type { OpenStackDependencies } from '../http/open-client.js';
import { CinderHolds } from './cinder-holds.js';
import type { DeviceHost } from './device-host.js';
import { LocalDeviceHost } from './local-device-host.js';
import { NovaHolds } from './nova-attachments.js';
import { SshDeviceHost } from './ssh-device-host.js';
import type { VolumeHolds } from './volume-holds.js';

export function openHolds(
  client: CloudClient,
  { access, hostName }: OpenStackConfig,
  dependencies: OpenStackDependencies,
): VolumeHolds {
  if (access.type === 'nova') {
    const byIdDir = access.byIdDir ?? '/dev/disk/by-id';
    return new NovaHolds(client, { ...access, byIdDir }, deviceHost({ ...access, byIdDir }, dependencies));
  }
  return new CinderHolds(client, { access, hostName });
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
