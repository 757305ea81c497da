import { existsSync } from 'node:fs';
import { type Cloud, isAdmin, projectOf } from '../cloud.js';
import type { Image } from '../image/model.js';
import { invalidField, objectIn, optionalText } from '../wire/body-check.js';
import { type AuthorizedCall, badRequest, type JsonObject, notFound, type Reply } from '../wire/message.js';
import { pythonRepr } from '../wire/python-text.js';
import { findVolume, touch } from './find-volume.js';
import { addMessage } from './messages.js';
import { checkedMetadata, refuseFourByteText } from './metadata.js';
import type { Snapshot, Volume, VolumeType } from './model.js';
import { checkQuota } from './quotas.js';
import { makeVolumeFile, volumeFile } from './volume-file.js';
import { volumeDetail } from './volume-view.js';

/** What a new volume starts from. */
interface Origin {
  readonly image?: Image;
  readonly snapshot?: Snapshot;
  readonly source?: Volume;
}

/** `POST /volumes`: 202 and `creating`; what comes of it shows later, a failure only as status `error` and a message. */
export function createVolume(cloud: Cloud, call: AuthorizedCall): Reply {
  const wanted = objectIn(call.body, 'volume');
  refuseUnknownKeys(call, wanted);
  refuseMultiattach(wanted);
  const origin = originOf(cloud, call, wanted);
  const volume = draftVolume(cloud, call, { wanted, origin });
  checkQuota(cloud, projectOf(call.token), { gigabytes: volume.sizeGiB, type: volume.type.name });
  cloud.block.volumes.set(volume.id, volume);
  const reply: Reply = { status: 202, body: { volume: volumeDetail(cloud, volume, call) } };
  cloud.clock.after(cloud.config.timings.volumeCreateMs, () =>
    finishCreate(cloud, volume, { origin, requestId: call.requestId }),
  );
  return reply;
}

/** The minor microversion from which on unknown keys are refused; below they are dropped without a word. */
const STRICT_BODY = 53;
const createKeys = [
  'name',
  'description',
  'display_name',
  'display_description',
  'volume_type',
  'metadata',
  'snapshot_id',
  'source_volid',
  'consistencygroup_id',
  'group_id',
  'backup_id',
  'size',
  'availability_zone',
  'multiattach',
  'image_id',
  'imageRef',
];

function refuseUnknownKeys({ version }: AuthorizedCall, wanted: JsonObject): void {
  const unknown = Object.keys(wanted).filter((key) => !createKeys.includes(key));
  if (version < STRICT_BODY || unknown.length === 0) return;
  const names = unknown
    .sort()
    .map((key) => pythonRepr(key))
    .join(', ');
  const were = unknown.length === 1 ? 'was' : 'were';
  throw invalidField('volume', wanted, `Additional properties are not allowed (${names} ${were} unexpected)`);
}

function refuseMultiattach(wanted: JsonObject): void {
  if (!('multiattach' in wanted) || wanted['multiattach'] === false) return;
  const instead = "Use volume type's extra specs to create multiattach capable volumes";
  throw badRequest(
    `multiattach parameter has been removed. The default behavior is to use multiattach enabled volume types. ${instead}.`,
  );
}

function draftVolume(cloud: Cloud, call: AuthorizedCall, { wanted, origin }: { wanted: JsonObject; origin: Origin }): Volume {
  const name = optionalText(wanted, 'name') ?? null;
  const description = optionalText(wanted, 'description') ?? null;
  const metadata = checkedMetadata(wanted['metadata'] ?? {});
  const sizeGiB = sizeOf(wanted['size'], origin);
  const type = typeOf(cloud, wanted['volume_type'], origin);
  const availabilityZone = zoneOf(cloud, wanted['availability_zone'], origin);
  refuseFourByteText([name, description, ...metadata.keys(), ...metadata.values()]);
  const id = cloud.ids.uuid();
  const now = cloud.clock.now();
  return {
    id,
    projectId: projectOf(call.token).id,
    userId: call.token.user.id,
    name,
    description,
    status: 'creating',
    sizeGiB,
    type,
    availabilityZone,
    bootable: false,
    snapshotId: origin.snapshot?.id ?? null,
    sourceVolumeId: origin.source?.id ?? null,
    metadata,
    imageMetadata: new Map(),
    file: volumeFile(cloud.stateDir, id),
    createdMs: now,
    updatedMs: now,
  };
}

function originOf(cloud: Cloud, call: AuthorizedCall, wanted: JsonObject): Origin {
  const imageId = wanted['imageRef'] ?? wanted['image_id'];
  if (typeof imageId === 'string') {
    const image = cloud.images.get(imageId);
    if (image === undefined) throw badRequest('Invalid image identifier or unable to access requested image.');
    return { image };
  }
  if (typeof wanted['snapshot_id'] === 'string') {
    const snapshot = cloud.block.snapshots.get(wanted['snapshot_id']);
    const visible = isAdmin(call.token) || snapshot?.projectId === projectOf(call.token).id;
    if (snapshot === undefined || !visible) throw notFound(`Snapshot ${wanted['snapshot_id']} could not be found.`);
    if (snapshot.status !== 'available') {
      throw badRequest("Invalid snapshot: Originating snapshot status must be one of 'available' values");
    }
    return { snapshot };
  }
  if (typeof wanted['source_volid'] === 'string') return { source: findVolume(cloud, call.token, wanted['source_volid']) };
  return {};
}

function sizeOf(size: unknown, origin: Origin): number {
  const least = origin.snapshot?.sizeGiB ?? origin.source?.sizeGiB;
  if (size === undefined || size === null) {
    if (least !== undefined) return least;
    throw badRequest("Invalid input received: Volume size 'None' must be an integer and greater than 0");
  }
  const value = checkedSize(size);
  if (least !== undefined && value < least) {
    const [what, of] = origin.snapshot === undefined ? ['original volume size ', 'volume'] : ['the snapshot size', 'snapshot'];
    throw badRequest(
      `Invalid input received: Volume size '${value}'GB cannot be smaller than ${what} ${least}GB. They must be >= original ${of} size.`,
    );
  }
  return value;
}

function checkedSize(size: unknown): number {
  const isNumber = typeof size === 'number' && Number.isInteger(size);
  if (!isNumber && typeof size !== 'string')
    throw invalidField('size', size, `${pythonRepr(size)} is not of type 'integer', 'string'`);
  if (typeof size === 'string' && !/^[0-9]+$/.test(size))
    throw invalidField('size', size, `${pythonRepr(size)} does not match '^[0-9]+$'`);
  const value = Number(size);
  if (value < 1) throw invalidField('size', size, `${value} is less than the minimum of 1`);
  return value;
}

function typeOf(cloud: Cloud, wanted: unknown, origin: Origin): VolumeType {
  if (wanted === undefined || wanted === null) return origin.snapshot?.type ?? origin.source?.type ?? cloud.block.defaultType;
  const type = cloud.block.types.find(({ id, name }) => id === wanted || name === wanted);
  if (type === undefined) throw notFound(`Volume type with name ${String(wanted)} could not be found.`);
  return type;
}

/** A copy is made where its original is, and nowhere else. */
function zoneOf(cloud: Cloud, wanted: unknown, { snapshot, source }: Origin): string {
  const zones = cloud.config.volumeZones;
  const original = snapshot?.availabilityZone ?? source?.availabilityZone;
  const zone = wanted ?? original ?? zones[0] ?? 'nova';
  if (typeof zone !== 'string' || !zones.includes(zone)) throw badRequest(`Availability zone ${pythonRepr(zone)} is invalid.`);
  if (original === undefined || zone === original) return zone;
  const of = snapshot === undefined ? 'source volume' : 'snapshot';
  throw badRequest(`Invalid input received: Volume must be in the same availability zone as the ${of}`);
}

function finishCreate(cloud: Cloud, volume: Volume, { origin, requestId }: { origin: Origin; requestId: string }): void {
  if (volume.status !== 'creating') return;
  touch(cloud, volume);
  if (!backendHolds(cloud)) {
    volume.status = 'error';
    addMessage(cloud, volume, {
      requestId,
      eventId: 'VOLUME_VOLUME_001_002',
      text: 'schedule allocate volume:Could not find any available weighted backend.',
    });
    return;
  }
  const from = origin.image?.file ?? origin.snapshot?.file ?? origin.source?.file;
  makeVolumeFile(volume.file, { sizeGiB: volume.sizeGiB, from: from !== undefined && existsSync(from) ? from : undefined });
  volume.imageMetadata = inheritedImageMetadata(origin);
  const original = origin.source ?? cloud.block.volumes.get(origin.snapshot?.volumeId ?? '');
  volume.bootable = origin.image !== undefined || original?.bootable === true;
  // Only what can boot takes over what it should boot with.
  if (!volume.bootable) volume.imageMetadata = new Map();
  volume.status = 'available';
}

/** Whether everything that is stored or being made fits; volumes in `error` take no room. */
export function backendHolds(cloud: Cloud): boolean {
  const { volumes, backend } = cloud.block;
  const taken = [...volumes.values()].filter(({ status }) => status !== 'error').reduce((sum, { sizeGiB }) => sum + sizeGiB, 0);
  return taken + backend.usedElsewhereGiB <= backend.capacityGiB;
}

function inheritedImageMetadata({ image, snapshot, source }: Origin): Map<string, string> {
  if (image === undefined) return new Map(snapshot?.imageMetadata ?? source?.imageMetadata ?? []);
  return new Map([
    ...Object.entries(image.properties),
    ['image_id', image.id],
    ['image_name', image.name],
    ['checksum', image.checksum],
    ['container_format', 'bare'],
    ['disk_format', 'raw'],
    ['min_disk', '0'],
    ['min_ram', '0'],
    ['size', String(image.sizeBytes)],
    ['signature_verified', 'False'],
  ]);
}
