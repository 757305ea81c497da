import { own } from '../../model/own.js';
import { type Fields, fields, list, texts, volumesOf } from './os-migrate-fields.js';

/** kept: in the manifest; fact: says nothing that is wanted of the destination; else what it is when nobody asked for anything. */
type Fate = 'kept' | 'fact' | { readonly unless: unknown };

const notKept: Fate = { unless: null };

/**
 * What becomes of every field that os-migrate 1.0.5, or a newer one, writes on a server and its parts. A field that is not
 * here is one nobody thought of: it is told too.
 */
const fates = {
  server: {
    availability_zone: 'kept',
    config_drive: { unless: false },
    description: 'kept',
    // How Nova partitions a root disk on the compute host; a server made of volumes has none.
    disk_config: 'fact',
    flavor_ref: 'kept',
    floating_ips: notKept,
    image_ref: notKept,
    key_name: 'kept',
    metadata: 'kept',
    name: 'kept',
    ports: 'kept',
    scheduler_hints: notKept,
    security_group_refs: 'kept',
    tags: 'kept',
    user_data: notKept,
    volumes: 'kept',
  },
  migration: {
    additional_volumes: 'fact',
    boot_disk_copy: { unless: true },
    boot_volume: 'fact',
    boot_volume_params: 'fact',
    data_copy: { unless: true },
    floating_ip_mode: { unless: 'auto' },
    hw_machine_type: 'kept',
    nbdkit_disks: notKept,
    nbdkit_export_name: notKept,
    nbdkit_socket_uri: notKept,
    port_creation_mode: { unless: 'nova' },
    use_nbdkit_direct: { unless: false },
  },
  bootVolume: { availability_zone: 'kept', description: notKept, name: notKept, volume_type: 'kept' },
  port: { binding_profile: notKept, fixed_ips_refs: 'kept', mac_address: 'kept', network_ref: 'kept' },
  volume: {
    availability_zone: 'kept',
    // Volumes are named after the migration, so that they are found again.
    description: 'fact',
    name: 'fact',
    volume_image_metadata: 'kept',
    volume_type: 'kept',
  },
} as const satisfies Record<string, Readonly<Record<string, Fate>>>;

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  value === 'None' ||
  JSON.stringify(value) === '[]' ||
  JSON.stringify(value) === '{}';

/** The list goes into a file that is kept in git. */
function shown(field: string, value: unknown): string {
  const text = JSON.stringify(value);
  return field === 'user_data' ? `${String(value).length} characters, which may hold secrets` : text.slice(0, 200);
}

function told(of: string, values: Fields, known: Readonly<Record<string, Fate>>): string[] {
  return Object.entries(values).flatMap(([field, value]) => {
    const fate = own(known, field) ?? notKept;
    if (fate === 'kept' || fate === 'fact' || isEmpty(value) || value === fate.unless) return [];
    return [`${of}${field}: ${shown(field, value)}`];
  });
}

/** What of a server resource no manifest can say, as `field: value`; nothing when that is empty. */
export function leftOut(resource: Fields): string[] {
  const params = fields(resource['params']);
  const migration = fields(resource['_migration_params']);
  const existing = [fields(migration['boot_volume'])['uuid'], ...list(migration['additional_volumes']).map(({ uuid }) => uuid)];
  return [
    ...told('', params, fates.server),
    ...told('_migration_params.', migration, fates.migration),
    ...told('_migration_params.boot_volume_params.', fields(migration['boot_volume_params']), fates.bootVolume),
    // Volumes that are there already: migplan makes its own, and writes to no other.
    ...existing.flatMap((uuid) => (texts(uuid) === undefined ? [] : [`existing volume ${texts(uuid)}`])),
    ...list(params['ports']).flatMap((port, index) => told(`ports.${index}.`, fields(port['params']), fates.port)),
    ...volumesOf(params).flatMap((volume) => told('volumes.', fields(volume['params']), fates.volume)),
    ...differing('volume_type', resource),
    ...differing('availability_zone', resource),
  ];
}

/** What the volumes ask for one by one; the boot volume's is asked for in a place of its own. */
export function askedOfVolumes(field: 'volume_type' | 'availability_zone', resource: Fields): (string | undefined)[] {
  const [boot, ...data] = volumesOf(fields(resource['params']));
  if (boot === undefined) return [];
  const edited = texts(fields(fields(resource['_migration_params'])['boot_volume_params'])[field]);
  return [edited ?? texts(fields(boot['params'])[field]), ...data.map((volume) => texts(fields(volume['params'])[field]))];
}

/** A manifest has one for all of its volumes. */
function differing(field: 'volume_type' | 'availability_zone', resource: Fields): string[] {
  const asked = askedOfVolumes(field, resource);
  return new Set(asked).size > 1 ? [`${field} of its volumes: ${asked.map((value) => value ?? 'none').join(', ')}`] : [];
}
