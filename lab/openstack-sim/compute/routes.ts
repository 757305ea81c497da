import type { Cloud } from '../cloud.js';
import { type AuthorizedCall, denied, notFound } from '../wire/message.js';
import { open, type Route, secured } from '../wire/route.js';
import { findServer } from './find-server.js';
import { instanceActionRoutes } from './instance-actions.js';
import type { Flavor } from './model.js';
import { computeQuotaRoutes } from './quotas.js';
import { serverActionRoutes } from './server-actions.js';
import { createServer } from './server-create.js';
import { deleteServer } from './server-delete.js';
import { listServers } from './server-list.js';
import { serverDetail } from './server-view.js';
import { serverVolumeRoutes } from './volume-attachments.js';

/** Newest microversion of a Nova of the 2022.2 release. */
export const COMPUTE_VERSION_MAX = 93;

const FLAVOR_DETAILS = 61;

/** Nova v2.1; paths are below `/v2.1`. */
export function computeRoutes(cloud: Cloud): Route[] {
  return [
    open('GET', '/v2.1', ({ baseUrl }) => ({ status: 200, body: { version: versionDocument(baseUrl) } })),
    secured('POST', '/servers', (call) => createServer(cloud, call)),
    secured('GET', '/servers/detail', (call) => listServers(cloud, call)),
    secured('GET', '/servers/{id}', (call) => ({
      status: 200,
      body: { server: serverDetail(cloud, findServer(cloud, call), call) },
    })),
    secured('DELETE', '/servers/{id}', (call) => deleteServer(cloud, call)),
    ...serverActionRoutes(cloud),
    ...serverVolumeRoutes(cloud),
    ...instanceActionRoutes(cloud),
    ...computeQuotaRoutes(cloud),
    ...surroundings(cloud),
  ];
}

function surroundings(cloud: Cloud): Route[] {
  const { flavors } = cloud.compute;
  return [
    secured('GET', '/flavors', (call) => ({
      status: 200,
      body: { flavors: flavors.map((flavor) => flavorSummary(flavor, call)) },
    })),
    secured('GET', '/flavors/detail', (call) => ({
      status: 200,
      body: { flavors: flavors.map((flavor) => flavorDetail(flavor, call)) },
    })),
    secured('GET', '/flavors/{id}', (call) => {
      const flavor = flavors.find(({ id }) => id === call.params['id']);
      if (flavor === undefined) throw notFound(`Flavor ${call.params['id']} could not be found.`);
      return { status: 200, body: { flavor: flavorDetail(flavor, call) } };
    }),
    secured('GET', '/os-keypairs', ({ token }) => ({
      status: 200,
      body: {
        keypairs: cloud.config.keypairs
          .filter(({ user }) => user === token.user.name)
          .map(({ name, publicKey = '' }) => ({ keypair: { name, public_key: publicKey, type: 'ssh', fingerprint: '' } })),
      },
    })),
    secured('GET', '/os-availability-zone', () => ({
      status: 200,
      body: {
        availabilityZoneInfo: cloud.config.availabilityZones.map((zoneName) => ({
          zoneName,
          zoneState: { available: true },
          hosts: null,
        })),
      },
    })),
    secured('GET', '/os-hypervisors', () => {
      throw denied('os_compute_api:os-hypervisors:list');
    }),
    secured('GET', '/os-hypervisors/detail', () => {
      throw denied('os_compute_api:os-hypervisors:list-detail');
    }),
  ];
}

const flavorSummary = ({ id, name }: Flavor, { baseUrl }: AuthorizedCall) => ({
  id,
  name,
  links: [{ rel: 'self', href: `${baseUrl}/compute/v2.1/flavors/${id}` }],
});

const flavorDetail = (flavor: Flavor, call: AuthorizedCall) => ({
  ...flavorSummary(flavor, call),
  vcpus: flavor.vcpus,
  ram: flavor.ramMiB,
  disk: 0,
  swap: call.version >= 75 ? 0 : '',
  rxtx_factor: 1,
  'OS-FLV-EXT-DATA:ephemeral': 0,
  'OS-FLV-DISABLED:disabled': false,
  'os-flavor-access:is_public': true,
  ...(call.version >= FLAVOR_DETAILS && { extra_specs: {} }),
});

const versionDocument = (baseUrl: string) => ({
  id: 'v2.1',
  status: 'CURRENT',
  version: `2.${COMPUTE_VERSION_MAX}`,
  min_version: '2.1',
  updated: '2013-07-23T11:33:21Z',
  links: [{ rel: 'self', href: `${baseUrl}/compute/v2.1/` }],
  'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.compute+json;version=2.1' }],
});
