import type { TargetBlock } from '../../../contracts/target-provider.js';
import { Secret } from '../../../host/secret.js';
import type { VolumeId } from '../../../model/ids.js';
import type { CinderAccess } from '../config/cloud-config.js';
import { type CallSite, invalidAnswer, notExpected, unsupported } from '../http/errors.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { claimLocalBlock } from './local-block.js';

export interface BlockContext {
  readonly site: CallSite;
  readonly access: CinderAccess;
  readonly volume: VolumeId;
  /** IQN that Cinder was told. */
  readonly initiator: string;
}

/** What a writer opens. While it is not closed, a device of this machine belongs to nobody else. */
export interface OpenBlock {
  readonly block: TargetBlock;
  close(): Promise<void>;
}

const closesNothing = async (): Promise<void> => {};

/**
 * What a writer opens, from the connection_info of an attachment. ProviderError unsupported when it cannot be opened from user
 * space, or names a place that the Project does not.
 */
export async function decodeBlock(info: JsonCursor, context: BlockContext): Promise<OpenBlock> {
  const { site, access, volume } = context;
  if (info.at('encrypted').flag()) {
    throw unsupported(site, 'the volume is encrypted, and its key is kept from the Attachments API: only Nova can write to it', [
      'Use a volume type without encryption, or access: {type: nova, ...} in the Project.',
    ]);
  }
  const driver = info.at('driver_volume_type').text();
  switch (driver) {
    case 'local':
      return claimLocalBlock(info.at('device_path').text(), { folders: access.local?.folders, id: volume }, site);
    case 'rbd':
      return { block: rbdBlock(info, context), close: closesNothing };
    case 'iscsi':
      return { block: iscsiBlock(info, context), close: closesNothing };
    case 'nfs':
      return { block: nfsBlock(info, context), close: closesNothing };
    default:
      throw unsupported(site, `volumes of this type are served by '${driver}', which cannot be opened from user space here`, [
        'Use a volume type that is served by Ceph RBD, iSCSI or NFS, or access: {type: nova, ...} in the Project.',
      ]);
  }
}

/** `name` is pool and image; Cinder hands out no key, so Ceph's configuration comes from the Project. */
function rbdBlock(info: JsonCursor, { site, access: { rbd } }: Pick<BlockContext, 'site' | 'access'>): TargetBlock {
  const name = info.at('name').text();
  const slash = name.indexOf('/');
  if (slash < 1 || slash === name.length - 1) throw invalidAnswer(site, `connection_info.name '${name}' is not pool/image`);
  if (rbd === undefined) {
    throw unsupported(site, 'the volume is on Ceph RBD, and the Project does not say how to reach it', [
      "Write access: {type: cinder, rbd: {conf: /etc/ceph/ceph.conf, user: cinder}} at the provider in migplan.yaml; the user's keyring has to be readable.",
    ]);
  }
  return { driver: 'rbd', pool: name.slice(0, slash), image: name.slice(slash + 1), ...rbd };
}

/** One path is enough for a copy; of several portals Cinder names one. `auth_method` is absent where the target asks for no login. */
function iscsiBlock(info: JsonCursor, { site, initiator, access }: BlockContext): TargetBlock {
  const portal = info.at('target_portal').text();
  if (access.iscsi?.portals.includes(portal) !== true) {
    throw notExpected(site, `the volume is served by the iSCSI portal ${portal}, which the Project does not name`, [
      `If it is right, write at the provider in migplan.yaml: access: {type: cinder, iscsi: {portals: ["${portal}"]}}.`,
    ]);
  }
  const method = info.at('auth_method').optionalText();
  if (method !== undefined && method !== 'CHAP')
    throw unsupported(site, `the iSCSI target wants authentication by '${method}'`, []);
  return {
    driver: 'iscsi',
    portal,
    target: info.at('target_iqn').text(),
    lun: info.at('target_lun').whole(),
    initiator,
    ...(method === 'CHAP' && {
      chap: { user: info.at('auth_username').text(), password: new Secret(info.at('auth_password').text()) },
    }),
  };
}

/** `export` is host:/path, the host in brackets when it is an IPv6 address; `name` is the volume's file there. */
function nfsBlock(info: JsonCursor, { site, access, volume }: BlockContext): TargetBlock {
  const share = info.at('export').text();
  const [, bracketed, plain, folder] = /^(?:\[(.+)\]|([^:/]+)):(\/.*)$/.exec(share) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || folder === undefined)
    throw invalidAnswer(site, `connection_info.export '${share}' is not host:/path`);
  const bare = (text: string): string => text.replace(/\/+$/, '');
  if (access.nfs?.exports.some((named) => bare(named) === bare(share)) !== true) {
    throw notExpected(site, `the volume is on the NFS export ${share}, which the Project does not name`, [
      `If it is right, write at the provider in migplan.yaml: access: {type: cinder, nfs: {exports: ["${share}"]}}.`,
    ]);
  }
  const name = info.at('name').text();
  if (name.includes('/') || !name.includes(volume)) {
    throw notExpected(site, `the cloud names the file '${name}' of ${share}, and not one that is named for volume ${volume}`, [
      'Ask who runs the cloud why: on NFS a file is named for its volume.',
    ]);
  }
  const format = info.at('format').optionalText() ?? 'raw';
  if (format !== 'raw' && format !== 'qcow2') throw unsupported(site, `the volume is a file of format '${format}'`, []);
  return { driver: 'nfs', host, path: `${folder.replace(/\/$/, '')}/${name}`, format };
}
