import { dirname, join } from 'node:path';
import type { SourceBlock } from '../../../contracts/disk-reader.js';
import { resolveLocalBlock } from '../access/local-block.js';
import type { CinderAccess } from '../config/cloud-config.js';
import { type CallSite, invalidAnswer, unsupported } from '../http/errors.js';
import type { JsonCursor } from '../http/json-cursor.js';

const FILE = 'file:';
const SNAPSHOT = 'snapshot-';

/**
 * Where a Cinder snapshot's bytes are, in one text: `rbd:volumes/volume-ID@snapshot-ID`, or `file:/…/snapshot-ID` for a
 * backend whose volumes are local files. `info` is the connection_info of an attachment of the volume, which tells pool and
 * image also after the volume was migrated between backends; the snapshot's name is Cinder's default template.
 */
export function snapshotPath(info: JsonCursor, snapshot: string, site: CallSite): string {
  const driver = info.at('driver_volume_type').text();
  switch (driver) {
    case 'rbd':
      return `rbd:${info.at('name').text()}@${SNAPSHOT}${snapshot}`;
    case 'local':
      return `${FILE}${join(dirname(info.at('device_path').text()), `${SNAPSHOT}${snapshot}`)}`;
    default:
      throw unsupported(site, `snapshots of volumes served by '${driver}' cannot be opened from user space here`, [
        'Only volumes on Ceph RBD can be read in place; any other by way of a server of that cloud: access: {type: nova, server: NAME}.',
      ]);
  }
}

/** What a reader opens, from that text. */
export async function snapshotBlock(file: string, { rbd, local }: CinderAccess, site: CallSite): Promise<SourceBlock> {
  if (file.startsWith(FILE)) return resolveLocalBlock(file.slice(FILE.length), { folders: local?.folders, id: SNAPSHOT }, site);
  const [, pool, image, snapshot] = /^rbd:([^/]+)\/([^@]+)@(.+)$/.exec(file) ?? [];
  if (pool === undefined || image === undefined || snapshot === undefined) {
    throw invalidAnswer(site, `'${file}' does not name a pool, an image and a snapshot`);
  }
  if (rbd === undefined) {
    throw unsupported(site, 'the volume is on Ceph RBD, and the Project does not say how to reach it', [
      "Write access: {type: cinder, rbd: {conf: /etc/ceph/old.conf, user: cinder}} at the provider in migplan.yaml; the user's keyring has to be readable.",
    ]);
  }
  return { driver: 'rbd', pool, image, snapshot, ...rbd };
}
