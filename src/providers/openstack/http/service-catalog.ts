import type { CloudConfig, Service } from '../config/cloud-config.js';
import type { JsonCursor } from './json-cursor.js';

/** One endpoint of Keystone's catalog. */
export interface CatalogEndpoint {
  readonly type: string;
  readonly interface: string;
  readonly region: string;
  readonly url: string;
}

/** How each service is called in the catalog, best first. */
const catalogTypes: Readonly<Record<Service, readonly string[]>> = {
  volume: ['block-storage', 'volumev3', 'block-store', 'volume'],
  compute: ['compute'],
  network: ['network'],
  image: ['image'],
};

/** The path that is added to an endpoint without a version. */
const versionPaths = { volume: 'v3', compute: 'v2.1', network: 'v2.0', image: 'v2' } as const;

export function decodeCatalog(catalog: readonly JsonCursor[]): CatalogEndpoint[] {
  return catalog.flatMap((service) =>
    service
      .at('endpoints')
      .list()
      .map((endpoint) => ({
        type: service.at('type').text(),
        interface: endpoint.at('interface').text(),
        region: endpoint.at('region').optionalText() ?? endpoint.at('region_id').optionalText() ?? '',
        url: endpoint.at('url').text(),
      })),
  );
}

/** The region that all services are taken from: the configured one, else that of the first volume endpoint. */
export function regionOf(cloud: CloudConfig, catalog: readonly CatalogEndpoint[]): string | undefined {
  return cloud.region ?? candidates('volume', cloud, catalog)[0]?.region;
}

/** URL of a service with its version at the end and no slash; Cinder's has the project id as well. Undefined: there is none. */
export function endpointOf(
  service: Service,
  cloud: CloudConfig,
  login: { catalog: readonly CatalogEndpoint[]; projectId: string },
): string | undefined {
  const region = regionOf(cloud, login.catalog);
  const listed = candidates(service, cloud, login.catalog).find((endpoint) => region === undefined || endpoint.region === region);
  const url = cloud.endpointOverrides[service] ?? listed?.url;
  return url === undefined ? undefined : withVersion(service, url, login.projectId);
}

function candidates(service: Service, cloud: CloudConfig, catalog: readonly CatalogEndpoint[]): CatalogEndpoint[] {
  const wanted = cloud.interfaces[service];
  return catalogTypes[service].flatMap((type) =>
    catalog.filter((entry) => entry.type === type && entry.interface.replace(/URL$/, '') === wanted),
  );
}

function withVersion(service: Service, url: string, projectId: string): string {
  const base = url.replaceAll(/[%$]\((?:project|tenant)_id\)s?/g, projectId).replace(/\/+$/, '');
  // What is no URL is told by whoever asks for it.
  if (!URL.canParse(base)) return base;
  const versioned = /\/v\d+(\.\d+)?(\/|$)/.test(new URL(base).pathname) ? base : `${base}/${versionPaths[service]}`;
  return service === 'volume' && /\/v3$/.test(versioned) ? `${versioned}/${projectId}` : versioned;
}
