import { isAbsolute, resolve } from 'node:path';
import type { MaintenanceWindow } from '../../model/window.js';
import type { LocatedDocument, Path } from '../base/located.js';
import { rangesOf } from '../base/ranges.js';
import { parseDuration, parseSize } from '../schema/forms.js';
import type { ProjectDocument, ProviderDocument } from '../schema/project-shape.js';
import type { ProjectConfig, ProviderConfig, SshConfig, VmwareProviderConfig, VolumeAccessConfig } from './project-config.js';
import { parseSecretRef, type SecretRef } from './secret-ref.js';

export const defaultInclude: readonly string[] = ['manifests/**/*.yaml', 'manifests/**/*.yml'];

export interface ProjectPlace {
  /** Absolute folder of the project file. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The Project document, which has passed its schema, as configuration. `windows` are read already. */
export function toProjectConfig(
  document: LocatedDocument,
  place: ProjectPlace,
  windows: Readonly<Record<string, MaintenanceWindow>>,
): ProjectConfig {
  const { metadata, spec } = document.value as ProjectDocument;
  const providers = Object.entries(spec.providers).map(([name, provider]) => [
    name,
    toProvider(name, provider, { document, place }),
  ]);
  return {
    name: metadata.name,
    file: document.file,
    folder: place.folder,
    providers: Object.fromEntries(providers),
    conversionHost: spec.conversionHost ?? { executor: 'local' },
    include: spec.include ?? defaultInclude,
    defaults: spec.defaults ?? {},
    windows,
    limits: {
      transfers: spec.limits?.transfers ?? 2,
      ...(spec.limits?.rateFile === undefined ? {} : { rateFile: resolve(place.folder, spec.limits.rateFile) }),
      batchBytes: parseSize(spec.limits?.batch ?? '8GiB'),
    },
    ranges: rangesOf(document.value, document),
  };
}

interface Context {
  readonly document: LocatedDocument;
  readonly place: ProjectPlace;
}

function toProvider(name: string, provider: ProviderDocument, context: Context): ProviderConfig {
  if (provider.type === 'vmware') return toVmware(['spec', 'providers', name], provider, context);
  return { ...provider, access: toAccess(provider.access, context.place) };
}

function toAccess(access: (ProviderDocument & { type: 'openstack' })['access'], place: ProjectPlace): VolumeAccessConfig {
  if (access.type === 'cinder') {
    const { rbd, local, nfs, iscsi } = access;
    return {
      type: 'cinder',
      ...(rbd !== undefined && { rbd: { conf: absolute(rbd.conf, place), user: rbd.user } }),
      ...(local !== undefined && { local: { folders: local.folders.map((folder) => absolute(folder, place)) } }),
      ...(nfs !== undefined && { nfs }),
      ...(iscsi !== undefined && { iscsi }),
    };
  }
  const { type, server, ssh, byIdDir, maxVolumes, deviceTimeout, detachTimeout } = access;
  return {
    type,
    server,
    ...(ssh !== undefined && { ssh: toSsh(ssh, place) }),
    ...(byIdDir !== undefined && { byIdDir: absolute(byIdDir, place) }),
    ...(maxVolumes !== undefined && { maxVolumes }),
    ...(deviceTimeout !== undefined && { deviceTimeoutMs: 1000 * parseDuration(deviceTimeout) }),
    ...(detachTimeout !== undefined && { detachTimeoutMs: 1000 * parseDuration(detachTimeout) }),
  };
}

type SshDocument = NonNullable<Extract<(ProviderDocument & { type: 'openstack' })['access'], { type: 'nova' }>['ssh']>;

function toSsh({ config, identityFile, ...rest }: SshDocument, place: ProjectPlace): SshConfig {
  return {
    ...rest,
    ...(identityFile !== undefined && { identityFile: absolute(identityFile, place) }),
    ...(config !== undefined && { configFile: absolute(config, place) }),
  };
}

function toVmware(path: Path, provider: ProviderDocument & { type: 'vmware' }, context: Context): VmwareProviderConfig {
  const { server, user, password, tls, reader } = provider;
  const secret = (field: string, text: string): SecretRef | undefined =>
    parseSecretRef(text, {
      source: context.document.rangeOf([...path, field]),
      toAbsolute: (file) => absolute(file, context.place),
    });
  return {
    type: 'vmware',
    server,
    user: secret('user', user) ?? user,
    // The schema lets no other text pass.
    password: secret('password', password)!,
    ...(tls?.caFile !== undefined && { tls: { caFile: absolute(tls.caFile, context.place) } }),
    ...(tls?.thumbprint !== undefined && { tls: { thumbprint: tls.thumbprint.toUpperCase() } }),
    reader: {
      ...reader,
      libdir: absolute(reader.libdir, context.place),
      ...(reader.nbdkit !== undefined && { nbdkit: absolute(reader.nbdkit, context.place) }),
      ...(reader.plugin !== undefined && { plugin: absolute(reader.plugin, context.place) }),
    } as VmwareProviderConfig['reader'],
  };
}

function absolute(path: string, { folder, env }: ProjectPlace): string {
  const home = env['HOME'];
  if (home !== undefined && isAbsolute(home) && path.startsWith('~/')) return resolve(home, path.slice(2));
  return resolve(folder, path);
}
