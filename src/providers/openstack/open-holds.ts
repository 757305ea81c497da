import { connect, release, reserve } from './attachments.js';
import type { CloudClient } from './cloud-client.js';
import type { OpenStackConfig } from './cloud-config.js';
import { NovaHolds } from './nova-attachments.js';
import type { VolumeHolds } from './volume-holds.js';

export function openHolds(client: CloudClient, { access, hostName }: OpenStackConfig): VolumeHolds {
  if (access.type === 'nova') return new NovaHolds(client, access);
  return {
    reserve: (volume) => reserve(client, volume),
    connect: (volume, attachment) => connect(client, { hostName, access }, { volume, attachment }),
    release: (attachment) => release(client, attachment),
    [Symbol.asyncDispose]: async () => {},
  };
}
