import { existsSync } from 'node:fs';
import { isoMicroseconds } from '../clock.js';
import { type Cloud, isAdmin, projectOf } from '../cloud.js';
import { refuseReaders } from '../policy.js';
import { objectIn, optionalText, requiredIn } from '../wire/body-check.js';
import { type AuthorizedCall, badRequest, notFound, type Reply } from '../wire/message.js';
import { linksOf, pageOf } from '../wire/paging.js';
import { lookingUpFirst, type Route, secured } from '../wire/route.js';
import { findVolume } from './find-volume.js';
import type { Snapshot, Volume } from './model.js';
import { checkQuota } from './quotas.js';
import { copySparse, removeVolumeFile, snapshotFile } from './volume-file.js';

const SNAPSHOT_IN_USE = 66;
const DELETABLE: readonly string[] = ['available', 'error', 'error_deleting'];

const deleteRefusal = () =>
  badRequest('Invalid snapshot: Snapshot status must be available or error or unmanaging or error_deleting.');

export function snapshotRoutes(cloud: Cloud): Route[] {
  return [
    lookingUpFirst(secured('POST', '/snapshots', (call) => create(cloud, call))),
    secured('GET', '/snapshots/detail', (call) => list(cloud, call)),
    secured('GET', '/snapshots/{id}', (call) => ({ status: 200, body: { snapshot: snapshotView(find(cloud, call)) } })),
    secured('DELETE', '/snapshots/{id}', (call) => {
      const snapshot = find(cloud, call);
      if (!DELETABLE.includes(snapshot.status)) throw deleteRefusal();
      snapshot.status = 'deleting';
      cloud.clock.after(cloud.config.timings.volumeDeleteMs, () => finishDelete(cloud, snapshot));
      return { status: 202 };
    }),
  ];
}

/** As the RBD driver does it: a snapshot that volumes were made from, and are there still, is busy, and simply stays. */
function finishDelete({ block }: Cloud, snapshot: Snapshot): void {
  if ([...block.volumes.values()].some(({ snapshotId }) => snapshotId === snapshot.id)) {
    snapshot.status = 'available';
    return;
  }
  block.snapshots.delete(snapshot.id);
  removeVolumeFile(snapshot.file);
}

function create(cloud: Cloud, call: AuthorizedCall): Reply {
  const wanted = objectIn(call.body, 'snapshot');
  const volume = findVolume(cloud, call.token, String(requiredIn(wanted, 'snapshot', 'volume_id')));
  refuseReaders(cloud, call);
  const force = wanted['force'] === true || call.version >= SNAPSHOT_IN_USE;
  if (volume.status !== 'available' && !(force && volume.status === 'in-use')) {
    throw badRequest(`Invalid volume: Volume ${volume.id} status must be available, but current status is: ${volume.status}.`);
  }
  checkQuota(cloud, projectOf(call.token), {
    gigabytes: volume.sizeGiB,
    kind: 'snapshots',
    type: volume.type.name,
  });
  const snapshot = takeSnapshot(cloud, volume, {
    name: optionalText(wanted, 'name'),
    description: optionalText(wanted, 'description'),
  });
  snapshot.status = 'creating';
  cloud.clock.after(cloud.config.timings.snapshotCreateMs, () => {
    if (snapshot.status === 'creating') snapshot.status = 'available';
  });
  return { status: 202, body: { snapshot: snapshotView(snapshot) } };
}

/** Copies the volume's bytes as they are now. */
export function takeSnapshot(
  cloud: Cloud,
  volume: Volume,
  { name, description }: { readonly name?: string | undefined; readonly description?: string | undefined },
): Snapshot {
  const id = cloud.ids.uuid();
  const snapshot: Snapshot = {
    id,
    volumeId: volume.id,
    projectId: volume.projectId,
    name: name ?? null,
    description: description ?? null,
    sizeGiB: volume.sizeGiB,
    type: volume.type,
    availabilityZone: volume.availabilityZone,
    status: 'available',
    createdMs: cloud.clock.now(),
    file: snapshotFile(cloud.stateDir, id),
    imageMetadata: new Map(volume.imageMetadata),
  };
  if (existsSync(volume.file)) {
    copySparse(volume.file, snapshot.file);
    cloud.block.evidence.snapshotTaken(snapshot);
  }
  cloud.block.snapshots.set(id, snapshot);
  return snapshot;
}

function list(cloud: Cloud, call: AuthorizedCall): Reply {
  const { token, query, path } = call;
  const own = [...cloud.block.snapshots.values()].filter(
    ({ projectId, volumeId }) => projectId === projectOf(token).id && (query.get('volume_id') ?? volumeId) === volumeId,
  );
  const { items, next } = pageOf(own, call, {
    pageSizeMax: cloud.config.pageSize,
    url: `${call.baseUrl}/volume/v3/${projectOf(token).id}${path}`,
    markerNotFound: (marker) => notFound(`Snapshot ${marker} could not be found.`),
  });
  return { status: 200, body: { snapshots: items.map(snapshotView), ...linksOf('snapshots', next) } };
}

function find(cloud: Cloud, { token, params }: AuthorizedCall): Snapshot {
  const snapshot = cloud.block.snapshots.get(params['id'] as string);
  const visible = snapshot !== undefined && (isAdmin(token) || snapshot.projectId === projectOf(token).id);
  if (!visible) throw notFound(`Snapshot ${params['id']} could not be found.`);
  return snapshot;
}

const snapshotView = (snapshot: Snapshot) => ({
  id: snapshot.id,
  name: snapshot.name,
  description: snapshot.description,
  volume_id: snapshot.volumeId,
  status: snapshot.status,
  size: snapshot.sizeGiB,
  metadata: {},
  created_at: isoMicroseconds(snapshot.createdMs),
});
