import { stat } from 'node:fs/promises';
import { Secret } from '../../host/secret.js';
import type { TargetBlock } from '../provider.js';
import type { Answer } from './answer.js';
import type { VolumeAccess } from './cloud-config.js';
import { type CallSite, invalidAnswer, unsupported } from './errors.js';

export interface BlockContext {
  readonly site: CallSite;
  readonly access: VolumeAccess;
  /** IQN that Cinder was told. */
  readonly initiator: string;
}

/** What a writer opens, from the connection_info of an attachment. ProviderError unsupported when it cannot be opened from user space. */
export async function decodeBlock(info: Answer, { site, access, initiator }: BlockContext): Promise<TargetBlock> {
  if (info.at('encrypted').flag()) {
    throw unsupported(site, 'the volume is encrypted, and its key is kept from the Attachments API: only Nova can write to it', [
      'Use a volume type without encryption.',
    ]);
  }
  const driver = info.at('driver_volume_type').text();
  switch (driver) {
    case 'local':
      return localBlock(info, site);
    case 'rbd':
      return rbdBlock(info, { site, access });
    case 'iscsi':
      return iscsiBlock(info, { site, initiator });
    case 'nfs':
      return nfsBlock(info, site);
    default:
      throw unsupported(site, `volumes of this type are served by '${driver}', which cannot be opened from user space here`, [
        'Use a volume type that is served by Ceph RBD, iSCSI or NFS.',
      ]);
  }
}

async function localBlock(info: Answer, site: CallSite): Promise<TargetBlock> {
  const path = info.at('device_path').text();
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return { driver: 'file', path };
  if (found?.isBlockDevice()) return { driver: 'host_device', path };
  throw unsupported(site, `the volume is local to its storage host: ${path} is no file or block device on this machine`, [
    'Run migplan on the storage host.',
  ]);
}

/** `name` is pool and image; Cinder hands out no key, so Ceph's configuration comes from the Project. */
function rbdBlock(info: Answer, { site, access: { rbd } }: Pick<BlockContext, 'site' | 'access'>): TargetBlock {
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
function iscsiBlock(info: Answer, { site, initiator }: Pick<BlockContext, 'site' | 'initiator'>): TargetBlock {
  const method = info.at('auth_method').optionalText();
  if (method !== undefined && method !== 'CHAP')
    throw unsupported(site, `the iSCSI target wants authentication by '${method}'`, []);
  return {
    driver: 'iscsi',
    portal: info.at('target_portal').text(),
    target: info.at('target_iqn').text(),
    lun: info.at('target_lun').number(),
    initiator,
    ...(method === 'CHAP' && {
      chap: { user: info.at('auth_username').text(), password: new Secret(info.at('auth_password').text()) },
    }),
  };
}

/** `export` is host:/path, the host in brackets when it is an IPv6 address; `name` is the volume's file there. */
function nfsBlock(info: Answer, site: CallSite): TargetBlock {
  const share = info.at('export').text();
  const [, bracketed, plain, folder] = /^(?:\[(.+)\]|([^:/]+)):(\/.*)$/.exec(share) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || folder === undefined)
    throw invalidAnswer(site, `connection_info.export '${share}' is not host:/path`);
  const format = info.at('format').optionalText() ?? 'raw';
  if (format !== 'raw' && format !== 'qcow2') throw unsupported(site, `the volume is a file of format '${format}'`, []);
  return { driver: 'nfs', host, path: `${folder.replace(/\/$/, '')}/${info.at('name').text()}`, format };
}
