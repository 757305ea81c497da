import { blockRoutes, VOLUME_VERSION_MAX } from './block/routes.js';
import { type Cloud, projectOf } from './cloud.js';
import { COMPUTE_VERSION_MAX, computeRoutes } from './compute/routes.js';
import type { Token } from './identity/model.js';
import { identityRoutes } from './identity/routes.js';
import { imageRoutes } from './image/routes.js';
import { networkRoutes } from './network/routes.js';
import { badRequest, type Reply } from './wire/message.js';
import type { VersionRange } from './wire/microversion.js';
import { open, type Route } from './wire/route.js';
import type { ServiceName } from './wire/service-name.js';

/** One service as the gateway needs it. */
export interface Service {
  readonly routes: readonly Route[];
  readonly versions?: VersionRange;
  /** Turns a path below the service's prefix into one the routes know, dropping version and project. */
  readonly locate: (path: string, token: Token | undefined) => string;
}

const asItIs = (path: string) => path;

export function createServices(cloud: Cloud): Readonly<Record<ServiceName, Service>> {
  return {
    identity: { routes: identityRoutes(cloud), locate: asItIs },
    volume: {
      routes: blockRoutes(cloud),
      versions: { word: 'volume', major: 3, min: 0, max: VOLUME_VERSION_MAX },
      locate: (path, token) => dropVersion(path, 'v3', token),
    },
    compute: {
      routes: computeRoutes(cloud),
      versions: { word: 'compute', major: 2, min: 1, max: COMPUTE_VERSION_MAX },
      locate: (path, token) => dropVersion(path, 'v2.1', token),
    },
    network: { routes: networkRoutes(cloud), locate: asItIs },
    image: { routes: imageRoutes(cloud), locate: asItIs },
    placement: { routes: [open('GET', '/', placementVersions)], locate: asItIs },
  };
}

const projectId = /^[0-9a-f]{32}$/;

/** `/v3/<project>/volumes` -> `/volumes`. A project other than the token's is a malformed URL. */
function dropVersion(path: string, version: string, token: Token | undefined): string {
  const segments = path.split('/').filter((segment) => segment !== '');
  if (segments[0] !== version || segments.length === 1) return path;
  const [, project = ''] = segments;
  if (!projectId.test(project)) return `/${segments.slice(1).join('/')}`;
  if (token !== undefined && project !== projectOf(token).id) throw badRequest('Malformed request url');
  return `/${segments.slice(2).join('/')}`;
}

const placementVersions = (): Reply => ({
  status: 200,
  body: { versions: [{ id: 'v1.0', status: 'CURRENT', min_version: '1.0', max_version: '1.39', links: [] }] },
});
