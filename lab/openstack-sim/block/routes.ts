import type { Cloud } from '../cloud.js';
import type { Reply } from '../wire/message.js';
import { open, type Route, secured } from '../wire/route.js';
import { attachmentRoutes } from './attachments.js';
import { capabilityRoutes } from './capabilities.js';
import { volumeOf } from './find-volume.js';
import { messageRoutes } from './messages.js';
import { metadataRoutes } from './metadata.js';
import { quotaRoutes } from './quotas.js';
import { snapshotRoutes } from './snapshots.js';
import { volumeActionRoutes } from './volume-actions.js';
import { deleteVolume, updateVolume } from './volume-change.js';
import { createVolume } from './volume-create.js';
import { listVolumes } from './volume-list.js';
import { volumeDetail } from './volume-view.js';

/** Newest microversion of a Cinder of the 2022.2 release. */
export const VOLUME_VERSION_MAX = 70;

/** Cinder v3; paths are below `/v3/{project}`. */
export function blockRoutes(cloud: Cloud): Route[] {
  return [
    open('GET', '/v3', ({ baseUrl }) => versions(baseUrl)),
    secured('POST', '/volumes', (call) => createVolume(cloud, call)),
    secured('GET', '/volumes/detail', (call) => listVolumes(cloud, call)),
    secured('GET', '/volumes/{id}', (call) => ({
      status: 200,
      body: { volume: volumeDetail(cloud, volumeOf(cloud, call), call) },
    })),
    secured('PUT', '/volumes/{id}', (call) => updateVolume(cloud, call)),
    secured('DELETE', '/volumes/{id}', (call) => deleteVolume(cloud, call)),
    ...metadataRoutes(cloud),
    ...volumeActionRoutes(cloud),
    ...attachmentRoutes(cloud),
    ...quotaRoutes(cloud),
    ...messageRoutes(cloud),
    ...snapshotRoutes(cloud),
    ...capabilityRoutes(cloud),
  ];
}

const versions = (baseUrl: string): Reply => ({
  status: 200,
  body: {
    versions: [
      {
        id: 'v3.0',
        status: 'CURRENT',
        version: `3.${VOLUME_VERSION_MAX}`,
        min_version: '3.0',
        updated: '2022-08-31T00:00:00Z',
        links: [{ rel: 'self', href: `${baseUrl}/volume/v3/` }],
        'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.volume+json;version=3' }],
      },
    ],
  },
});
