import type { Cloud } from '../cloud.js';
import { hexOf } from '../ids.js';

/** The service catalog of a token for the project: every interface of a service, in every region, is the same loopback URL. */
export function catalogFor(cloud: Cloud, { baseUrl, projectId }: { baseUrl: string; projectId: string }): object[] {
  const services = [
    { type: 'identity', name: 'keystone', url: `${baseUrl}/identity` },
    { type: 'volumev3', name: 'cinderv3', url: `${baseUrl}/volume/v3/${projectId}` },
    { type: 'block-storage', name: 'cinder', url: `${baseUrl}/volume/v3/${projectId}` },
    { type: 'compute', name: 'nova', url: `${baseUrl}/compute/v2.1` },
    { type: 'image', name: 'glance', url: `${baseUrl}/image` },
    { type: 'network', name: 'neutron', url: `${baseUrl}/network` },
    { type: 'placement', name: 'placement', url: `${baseUrl}/placement` },
  ];
  const { region, otherRegions, seed } = cloud.config;
  const places = [region, ...otherRegions].flatMap((name) => ['public', 'internal', 'admin'].map((kind) => ({ name, kind })));
  return services.map(({ type, name, url }) => ({
    id: hexOf(seed, `service ${type}`),
    type,
    name,
    endpoints: places.map(({ name: place, kind }) => ({
      id: hexOf(seed, `endpoint ${type} ${kind}${place === region ? '' : ` ${place}`}`),
      interface: kind,
      region: place,
      region_id: place,
      url,
    })),
  }));
}
