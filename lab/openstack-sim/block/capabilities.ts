import { type Cloud, isAdmin } from '../cloud.js';
import { type AuthorizedCall, denied, notFound, type Reply } from '../wire/message.js';
import { type Route, secured } from '../wire/route.js';
import type { VolumeType } from './model.js';
import { volumeFilters } from './volume-filter.js';

const RESOURCE_FILTERS = 33;

/** What the cloud offers, and what it keeps from members. */
export function capabilityRoutes(cloud: Cloud): Route[] {
  return [
    secured('GET', '/types', () => ({
      status: 200,
      body: { volume_types: cloud.block.types.map(typeView) },
    })),
    secured('GET', '/types/default', () => ({ status: 200, body: { volume_type: typeView(cloud.block.defaultType) } })),
    secured('GET', '/types/{id}/encryption', ({ token, params }) => {
      if (!isAdmin(token)) throw denied('volume_extension:volume_type_encryption:get');
      const type = cloud.block.types.find(({ id }) => id === params['id']);
      if (type === undefined) throw notFound(`The resource could not be found.`);
      return { status: 200, body: type.encrypted ? encryptionView(type) : {} };
    }),
    secured('GET', '/os-availability-zone', () => ({
      status: 200,
      body: {
        availabilityZoneInfo: cloud.config.volumeZones.map((zoneName) => ({ zoneName, zoneState: { available: true } })),
      },
    })),
    secured('GET', '/resource_filters', (call) => resourceFilters(cloud, call), RESOURCE_FILTERS),
    secured('GET', '/scheduler-stats/get_pools', () => {
      throw denied('scheduler_extension:scheduler_stats:get_pools');
    }),
    secured('POST', '/os-volume-manage', () => {
      throw denied('volume_extension:volume_manage');
    }),
  ];
}

const typeView = ({ id, name, multiattach }: VolumeType) => ({
  id,
  name,
  is_public: true,
  'os-volume-type-access:is_public': true,
  description: null,
  qos_specs_id: null,
  // Members see only the specs that Cinder calls user visible.
  extra_specs: multiattach ? { multiattach: '<is> True' } : {},
});

const encryptionView = ({ id }: VolumeType) => ({
  volume_type_id: id,
  encryption_id: id,
  control_location: 'front-end',
  provider: 'luks',
  key_size: 256,
  cipher: 'aes-xts-plain64',
});

function resourceFilters(cloud: Cloud, { query }: AuthorizedCall): Reply {
  const all = [
    { resource: 'volume', filters: volumeFilters },
    { resource: 'snapshot', filters: ['name', 'status', 'volume_id', 'metadata', 'availability_zone'] },
    { resource: 'attachment', filters: ['volume_id', 'status', 'instance_id', 'attach_status'] },
    { resource: 'message', filters: ['resource_uuid', 'resource_type', 'event_id', 'request_id', 'message_level'] },
  ];
  const known = cloud.config.resourceFilters === 'on' ? all : [];
  const resource = query.get('resource');
  return {
    status: 200,
    body: { resource_filters: known.filter((entry) => resource === undefined || entry.resource === resource) },
  };
}
