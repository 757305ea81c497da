import { isAbsolute, resolve } from 'node:path';
import type { ProviderType } from '../../model/provider-types.js';
import type { LocatedDocument, Path } from '../base/located.js';
import { parseDuration } from '../schema/forms.js';
import type { ProviderDocument } from '../schema/provider-shapes.js';
import type {
  CloudTimeoutsConfig,
  ProviderConfig,
  SshConfig,
  VmwareProviderConfig,
  VolumeAccessConfig,
} from './project-config.js';
import { parseSecretRef, type SecretRef } from './secret-ref.js';

export interface ProjectLocation {
  /** Absolute folder of the project file. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where one provider stands. */
interface ProviderEntry {
  readonly path: Path;
  readonly document: LocatedDocument;
  readonly location: ProjectLocation;
}

/** How each type of provider, which has passed its schema, becomes configuration. */
const readers: {
  readonly [T in ProviderType]: (provider: ProviderDocument<T>, entry: ProviderEntry) => ProviderConfig<T>;
} = {
  vmware: toVmware,
  openstack: ({ timeouts, ...provider }, { location }) => ({
    ...provider,
    access: toAccess(provider.access, location),
    ...(timeouts !== undefined && { timeouts: toTimeouts(timeouts) }),
  }),
  nbd: ({ type, machines, images, tls }, { location }) => ({
    type,
    machines: machines.map((path) => absolute(path, location)),
    ...(images !== undefined && { images: images.map((path) => absolute(path, location)) }),
    ...(tls !== undefined && { certificates: absolute(tls.certificates, location) }),
  }),
};

export const toProvider = <T extends ProviderType>(
  provider: ProviderDocument<T> & { readonly type: T },
  entry: ProviderEntry,
): ProviderConfig<T> => readers[provider.type](provider, entry);

function toTimeouts({ volume, server, clone }: NonNullable<ProviderDocument<'openstack'>['timeouts']>): CloudTimeoutsConfig {
  return {
    ...(volume !== undefined && { volumeMs: 1000 * parseDuration(volume) }),
    ...(server !== undefined && { serverMs: 1000 * parseDuration(server) }),
    ...(clone !== undefined && { cloneMs: 1000 * parseDuration(clone) }),
  };
}

type AccessDocument = ProviderDocument<'openstack'>['access'];

function toAccess(access: AccessDocument, location: ProjectLocation): VolumeAccessConfig {
  if (access.type === 'cinder') {
    const { rbd, local, nfs, iscsi } = access;
    return {
      type: 'cinder',
      ...(rbd !== undefined && { rbd: { conf: absolute(rbd.conf, location), user: rbd.user } }),
      ...(local !== undefined && { local: { folders: local.folders.map((folder) => absolute(folder, location)) } }),
      ...(nfs !== undefined && { nfs }),
      ...(iscsi !== undefined && { iscsi }),
    };
  }
  const { type, server, ssh, byIdDir, maxVolumes, deviceTimeout, detachTimeout } = access;
  return {
    type,
    server,
    ...(ssh !== undefined && { ssh: toSsh(ssh, location) }),
    ...(byIdDir !== undefined && { byIdDir: absolute(byIdDir, location) }),
    ...(maxVolumes !== undefined && { maxVolumes }),
    ...(deviceTimeout !== undefined && { deviceTimeoutMs: 1000 * parseDuration(deviceTimeout) }),
    ...(detachTimeout !== undefined && { detachTimeoutMs: 1000 * parseDuration(detachTimeout) }),
  };
}

type SshDocument = NonNullable<Extract<AccessDocument, { type: 'nova' }>['ssh']>;

function toSsh({ config, identityFile, ...rest }: SshDocument, location: ProjectLocation): SshConfig {
  return {
    ...rest,
    ...(identityFile !== undefined && { identityFile: absolute(identityFile, location) }),
    ...(config !== undefined && { configFile: absolute(config, location) }),
  };
}

function toVmware(provider: ProviderDocument<'vmware'>, { path, document, location }: ProviderEntry): VmwareProviderConfig {
  const { server, user, password, tls, reader } = provider;
  const secret = (field: string, text: string): SecretRef | undefined =>
    parseSecretRef(text, {
      source: document.rangeOf([...path, field]),
      toAbsolute: (file) => absolute(file, location),
    });
  return {
    type: 'vmware',
    server,
    user: secret('user', user) ?? user,
    // The schema lets no other text pass.
    password: secret('password', password)!,
    ...(tls?.caFile !== undefined && { tls: { caFile: absolute(tls.caFile, location) } }),
    ...(tls?.thumbprint !== undefined && { tls: { thumbprint: tls.thumbprint.toUpperCase() } }),
    reader: {
      ...reader,
      libdir: absolute(reader.libdir, location),
      ...(reader.nbdkit !== undefined && { nbdkit: absolute(reader.nbdkit, location) }),
      ...(reader.plugin !== undefined && { plugin: absolute(reader.plugin, location) }),
    },
  };
}

/** Of a path as the Project writes it: below its folder, or with `~/` below HOME. */
export function absolute(path: string, { folder, env }: ProjectLocation): string {
  const home = env['HOME'];
  if (home !== undefined && isAbsolute(home) && path.startsWith('~/')) return resolve(home, path.slice(2));
  return resolve(folder, path);
}
