import { findVolume } from '../block/find-volume.js';
import type { Volume } from '../block/model.js';
import type { Cloud } from '../cloud.js';
import type { Port } from '../network/model.js';
import { invalidField, objectIn, requiredIn } from '../wire/body-check.js';
import { type AuthorizedCall, badRequest, conflict, isObject, type JsonObject, Refusal } from '../wire/message.js';
import { pythonRepr } from '../wire/python-text.js';
import { checkImageProperties } from './image-properties.js';
import type { Flavor } from './model.js';

const NETWORKS_REQUIRED = 37;
const DESCRIPTION = 19;
const TAGS = 52;
const TAGS_MAX = 50;

export interface DeviceRequest {
  readonly volume: Volume;
  readonly bootIndex: number;
  readonly deleteOnTermination: boolean;
  readonly bus: string;
  readonly tag: string | null;
}

/** POST /servers as nova-api understands it, everything it checks before it answers checked. */
export interface ServerRequest {
  readonly name: string;
  readonly flavor: Flavor;
  readonly devices: readonly DeviceRequest[];
  readonly ports: readonly Port[];
  readonly metadata: ReadonlyMap<string, string>;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly configDrive: boolean;
  readonly keyName: string | null;
  readonly availabilityZone: string;
}

export function readServerRequest(cloud: Cloud, call: AuthorizedCall): ServerRequest {
  const wanted = objectIn(call.body, 'server');
  const name = requiredIn(wanted, 'server', 'name');
  if (typeof name !== 'string' || name === '') throw invalidField('name', name, `${pythonRepr(name)} is too short`);
  const flavor = findFlavor(cloud, requiredIn(wanted, 'server', 'flavorRef'));
  const ports = readPorts(cloud, call, wanted);
  const devices = readDevices(cloud, call, wanted);
  const root = devices.find(({ bootIndex }) => bootIndex === 0) as DeviceRequest;
  checkImageProperties(root.volume.imageMetadata, flavor.ramMiB);
  if (!root.volume.bootable) throw badRequest(`Block Device ${root.volume.id} is not bootable.`);
  return {
    name,
    flavor,
    devices,
    ports,
    metadata: readMetadata(wanted['metadata']),
    description: readDescription(call, wanted),
    tags: readTags(call, wanted),
    configDrive: wanted['config_drive'] === true || wanted['config_drive'] === 'True',
    keyName: readKeyName(cloud, call, wanted['key_name']),
    availabilityZone: readZone(cloud, wanted['availability_zone']),
  };
}

function findFlavor(cloud: Cloud, ref: unknown): Flavor {
  const flavor = cloud.compute.flavors.find(({ id }) => id === String(ref).split('/').at(-1));
  if (flavor === undefined) throw badRequest(`Flavor ${String(ref)} could not be found.`);
  return flavor;
}

function readDevices(cloud: Cloud, call: AuthorizedCall, wanted: JsonObject): DeviceRequest[] {
  const mapping = wanted['block_device_mapping_v2'];
  if (!Array.isArray(mapping) || mapping.length === 0) throw badRequest('Missing imageRef attribute');
  const entries = mapping.filter(isObject);
  const unsupported = entries.find((entry) => entry['source_type'] !== 'volume' || entry['destination_type'] !== 'volume');
  if (unsupported !== undefined) throw badRequest('Block Device Mapping is Invalid: the simulator boots from volumes only.');
  const root = entries.find((entry) => Number(entry['boot_index']) === 0);
  if (root === undefined) {
    const what = 'Boot sequence for the instance and image/block device mapping combination is not valid.';
    throw badRequest(`Block Device Mapping is Invalid: ${what}`);
  }
  const defaultBus = bootVolume(cloud, call, root).imageMetadata.get('hw_disk_bus') ?? 'virtio';
  return entries.map((entry) => ({
    volume: bootVolume(cloud, call, entry),
    bootIndex: entry['boot_index'] === undefined || entry['boot_index'] === null ? -1 : Number(entry['boot_index']),
    deleteOnTermination: entry['delete_on_termination'] === true,
    bus: typeof entry['disk_bus'] === 'string' ? entry['disk_bus'] : defaultBus,
    tag: typeof entry['tag'] === 'string' ? entry['tag'] : null,
  }));
}

function bootVolume(cloud: Cloud, { token }: AuthorizedCall, entry: JsonObject): Volume {
  try {
    return findVolume(cloud, token, String(entry['uuid']));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw badRequest(`Block Device Mapping is Invalid: failed to get volume ${String(entry['uuid'])}.`);
  }
}

function readPorts(cloud: Cloud, call: AuthorizedCall, wanted: JsonObject): Port[] {
  if (call.version >= NETWORKS_REQUIRED && !('networks' in wanted)) requiredIn(wanted, 'server', 'networks');
  const networks = wanted['networks'];
  if (networks === 'none') return [];
  if (!Array.isArray(networks)) throw invalidField('networks', networks, `${pythonRepr(networks)} is not of type 'array'`);
  const entries = networks.filter(isObject);
  if (entries.some(({ port }) => port === undefined)) throw new Error('the simulator makes no ports for servers: bring them');
  return entries.map(({ port }) => freePort(cloud, call, String(port)));
}

function freePort(cloud: Cloud, { token }: AuthorizedCall, id: string): Port {
  const port = cloud.networking.ports.get(id);
  if (port !== undefined && port.fixedIps.length === 0) throw badRequest(`Port ${id} requires a FixedIP in order to be used.`);
  if (port === undefined || port.projectId !== token.project?.id) throw badRequest(`Port ${id} could not be found.`);
  if (port.deviceId !== '') throw conflict(`Port ${id} is still in use.`);
  return port;
}

export function readMetadata(raw: unknown): Map<string, string> {
  if (raw === undefined) return new Map();
  if (!isObject(raw)) throw invalidField('metadata', raw, `${pythonRepr(raw)} is not of type 'object'`);
  for (const [key, value] of Object.entries(raw)) {
    if (typeof value !== 'string') throw invalidField(key, value, `${pythonRepr(value)} is not of type 'string'`);
    if (value.length > 255) throw invalidField(key, value, `${pythonRepr(value)} is too long`);
  }
  return new Map(Object.entries(raw) as [string, string][]);
}

const unexpected = (key: string) => badRequest(`Additional properties are not allowed (${pythonRepr(key)} was unexpected)`);

function readDescription({ version }: AuthorizedCall, wanted: JsonObject): string | null {
  const text = wanted['description'];
  if (text === undefined || text === null) return null;
  if (version < DESCRIPTION) throw unexpected('description');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are refused.
  const isText = typeof text === 'string' && text.length <= 255 && !/[\u0000-\u001f\u007f]/.test(text);
  if (!isText) throw invalidField('description', text, `${pythonRepr(text)} does not match`);
  return text;
}

/** At most 50, of at most 60 characters, without slash and comma; in the order of the alphabet, as they come back. */
function readTags({ version }: AuthorizedCall, wanted: JsonObject): string[] {
  const tags = wanted['tags'];
  if (tags === undefined) return [];
  if (version < TAGS) throw unexpected('tags');
  if (!Array.isArray(tags)) throw invalidField('tags', tags, `${pythonRepr(tags)} is not of type 'array'`);
  if (tags.length > TAGS_MAX) throw invalidField('tags', tags, `${pythonRepr(tags)} is too long`);
  for (const [index, tag] of tags.entries()) {
    const isTag = typeof tag === 'string' && /^[^,/]{1,60}$/.test(tag);
    if (!isTag) throw invalidField(`tags/${index}`, tag, `${pythonRepr(tag)} does not match '^[^,/]*$'`);
  }
  return [...new Set(tags as string[])].sort();
}

function readKeyName(cloud: Cloud, { token }: AuthorizedCall, name: unknown): string | null {
  if (name === undefined || name === null) return null;
  const known = cloud.config.keypairs.some((keypair) => keypair.name === name && keypair.user === token.user.name);
  if (!known) throw badRequest('Invalid key_name provided.');
  return String(name);
}

function readZone(cloud: Cloud, zone: unknown): string {
  const zones = cloud.config.availabilityZones;
  if (zone === undefined || zone === null) return zones[0] ?? 'nova';
  if (!zones.includes(String(zone))) throw badRequest('The requested availability zone is not available');
  return String(zone);
}
