import { ProviderError, type ProviderErrorKind } from '../../src/contracts/provider-error.js';
import type { ServerRequest, TargetProvider, TargetServer } from '../../src/contracts/target-provider.js';
import type { VolumeId } from '../../src/model/ids.js';
import type { TargetCatalog } from '../../src/model/observed-target.js';
import type { EstateServer, EstateVolume, TargetProject } from './target-project.js';
import type { Wire } from './wire.js';

const PROVIDER = 'dst';

/** Who looks on when something that matters happens in the project. */
export interface TargetRules {
  /** After a volume's metadata were written. */
  onMetadata(volume: EstateVolume): void;
  /** After a server was made. */
  onServer(server: EstateServer): void;
}

/** The target side of an estate, as its provider's contract has it. */
export function targetProvider(project: TargetProject, wire: Wire, rules: TargetRules): TargetProvider {
  const effect = <T>(call: string, work: () => T | Promise<T>): Promise<T> => wire.effect('target', call, work);
  const volumeOf = (id: VolumeId): EstateVolume => {
    const volume = project.volumes.get(id);
    if (volume === undefined) throw refusal('not-found', `no volume ${id}`);
    return volume;
  };
  return {
    name: PROVIDER,
    releaseCutsOff: false,
    writerNeeds: () => [],
    identify: async () => ({ kind: 'openstack', endpoint: 'target', id: 'target' }),
    observe: () =>
      effect('observe', () => ({
        volumes: [...project.volumes.values()].map((volume) => project.told(volume)),
        servers: [...project.servers.values()].map(told),
        catalog: catalogOf(project),
      })),
    readVolume: (id) =>
      effect('readVolume', () => {
        const volume = project.volumes.get(id);
        return volume && project.told(volume);
      }),
    createVolume: (request) =>
      effect('createVolume', () => {
        if (project.volumes.size >= project.volumesLeft) throw refusal('quota', 'no more volumes');
        const volume = project.create(request);
        rules.onMetadata(volume);
        return project.told(volume);
      }),
    mergeVolumeMetadata: (id, patch) =>
      effect('mergeVolumeMetadata', () => {
        const volume = volumeOf(id);
        volume.metadata = { ...volume.metadata, ...patch };
        rules.onMetadata(volume);
      }),
    writeImageMetadata: (id, { set, unset }) =>
      effect('writeImageMetadata', () => {
        const volume = volumeOf(id);
        const merged = Object.entries({ ...volume.imageMetadata, ...set });
        volume.imageMetadata = Object.fromEntries(merged.filter(([key]) => !unset.includes(key)));
      }),
    setBootable: (id, bootable) =>
      effect('setBootable', () => {
        volumeOf(id).bootable = bootable;
      }),
    reserve: (id) =>
      effect('reserve', () => {
        const volume = volumeOf(id);
        if (volume.attachments.size > 0) throw refusal('held', `${id} is held`);
        return project.attach(volume);
      }),
    connect: (id, attachment) =>
      effect('connect', () => {
        if (!volumeOf(id).attachments.has(attachment)) throw refusal('not-found', `no attachment ${attachment}`);
        return { volume: id, attachment, block: { driver: 'file', path: id } };
      }),
    release: (attachment) => effect('release', () => project.detach(attachment)),
    createServer: (request) => effect('createServer', () => serverFor(request, { project, rules, volumeOf })),
    probeMachineType: async () => ({ runs: true }),
    removeProbes: async () => 0,
    checkRights: async () => [],
    [Symbol.asyncDispose]: async () => {},
  };
}

interface Making {
  readonly project: TargetProject;
  readonly rules: TargetRules;
  volumeOf(id: VolumeId): EstateVolume;
}

function serverFor(request: ServerRequest, { project, rules, volumeOf }: Making): TargetServer {
  const { identityKey: key, metadata } = request;
  const known = [...project.servers.values()].find((server) => server.request.metadata[key] === metadata[key]);
  if (known !== undefined) return told(known);
  const volumes = request.volumes.map(volumeOf);
  if (volumes.some(({ attachments }) => attachments.size > 0)) throw refusal('held', 'a volume is held');
  const server = project.boot(request, volumes);
  rules.onServer(server);
  return told(server);
}

const told = ({ id, request: { name, metadata }, status }: EstateServer): TargetServer => ({ id, name, status, metadata });

const catalogOf = ({ volumes, volumesLeft }: TargetProject): TargetCatalog => ({
  flavors: ['m1', 'm2'],
  networks: ['net-0', 'net-1', 'net-2'],
  volumeTypes: ['ssd', 'hdd'],
  availabilityZones: ['nova'],
  quota: { volumesLeft: Math.max(0, volumesLeft - volumes.size) },
});

const refusal = (kind: ProviderErrorKind, detail: string): ProviderError =>
  new ProviderError({ kind, code: kind === 'quota' ? 'MP4004' : 'MP4002', provider: PROVIDER, call: 'sim', detail });
