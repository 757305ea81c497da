import { parse } from 'yaml';
import { addableImageMetadata } from '../model/portable-image-metadata.js';
import type { DraftNic, MigrationDraft } from './migration-draft.js';

/** What a workloads.yml holds, or why it is none. `contradictory`: its servers ask for two things at once; none becomes a manifest. */
export type WorkloadsReading =
  | { readonly kind: 'workloads'; readonly drafts: readonly MigrationDraft[]; readonly skipped: readonly string[] }
  | { readonly kind: 'contradictory'; readonly why: readonly string[] }
  | { readonly kind: 'not-workloads'; readonly why: string };

type Fields = Readonly<Record<string, unknown>>;

/** Reads os-migrate's workloads.yml of any release; of the resources in it, servers become drafts. */
export function readWorkloads(text: string, provider?: string): WorkloadsReading {
  let content: unknown;
  try {
    content = parse(text, { maxAliasCount: 100 });
  } catch (error) {
    return { kind: 'not-workloads', why: `not valid YAML: ${(error as Error).message.split('\n')[0]}` };
  }
  const root = fields(content);
  if (root['os_migrate_version'] === undefined || !Array.isArray(root['resources'])) {
    return { kind: 'not-workloads', why: 'it has no os_migrate_version and no list of resources' };
  }
  const resources = root['resources'].map(fields);
  const servers = resources.filter(({ type }) => type === 'openstack.compute.Server');
  const known = servers.filter((server) => texts(fields(server['_info'])['id']) !== undefined);
  const contradictions = known.flatMap(twoMachineTypes);
  if (contradictions.length > 0) return { kind: 'contradictory', why: contradictions };
  return {
    kind: 'workloads',
    drafts: known.map((server) => draftOfWorkload(server, provider)),
    skipped: resources.filter((resource) => !known.includes(resource)).map(({ type }) => `${texts(type) ?? 'a resource'}`),
  };
}

function draftOfWorkload(resource: Fields, provider: string | undefined): MigrationDraft {
  const params = fields(resource['params']);
  const id = texts(fields(resource['_info'])['id'])!;
  const metadata = bootMetadata(list(params['volumes']));
  const flavor = texts(fields(params['flavor_ref'])['name']);
  const keyName = texts(params['key_name']);
  return {
    name: texts(params['name']) ?? id,
    ...(provider !== undefined && { provider }),
    selector: { server: id },
    machineType: machineTypeOf(fields(resource['_migration_params']), metadata),
    imageMetadata: addableImageMetadata(metadata),
    notes: ['from workloads.yml of os-migrate'],
    ...(flavor !== undefined && {
      server: {
        flavor,
        nics: list(params['ports']).flatMap(nicOf),
        securityGroups: list(params['security_group_refs']).flatMap(({ name }) => texts(name) ?? []),
        ...(keyName !== undefined && { keyName }),
      },
    }),
  };
}

/** The type stands in two places that people edit; a guess which of them was meant would boot a guest on the wrong hardware. */
function twoMachineTypes(resource: Fields): string[] {
  const params = fields(resource['params']);
  const [here, there] = [
    texts(fields(resource['_migration_params'])['hw_machine_type']),
    bootMetadata(list(params['volumes']))['hw_machine_type'],
  ];
  if (here === undefined || there === undefined || here === there) return [];
  const name = texts(params['name']) ?? texts(fields(resource['_info'])['id']);
  return [
    `${name} has two machine types: ${here} in _migration_params.hw_machine_type, and ${there} in volume_image_metadata of its boot volume`,
  ];
}

/** None is not the destination's default: the server may run on a type that nobody wrote down, which `preserve` looks for. */
function machineTypeOf(migration: Fields, metadata: Readonly<Record<string, string>>): MigrationDraft['machineType'] {
  const edited = texts(migration['hw_machine_type']);
  if (edited !== undefined) return { value: edited, why: '_migration_params.hw_machine_type of workloads.yml' };
  const exported = metadata['hw_machine_type'];
  if (exported !== undefined) return { value: exported, why: 'volume_image_metadata of the boot volume in workloads.yml' };
  return { value: 'preserve', why: 'workloads.yml names none' };
}

/** Of the volume on the first device, else the first bootable one. */
function bootMetadata(volumes: readonly Fields[]): Record<string, string> {
  const isFirst = (volume: Fields): boolean =>
    list(fields(volume['_info'])['attachments']).some(({ device }) => /^\/dev\/(vd|sd|hd|xvd)a$/.test(texts(device) ?? ''));
  const boot =
    volumes.find(isFirst) ?? volumes.find((volume) => fields(volume['_info'])['is_bootable'] === true) ?? volumes[0] ?? {};
  const metadata = fields(fields(boot['params'])['volume_image_metadata']);
  return Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, String(value)]));
}

function nicOf(port: Fields): DraftNic[] {
  const params = fields(port['params']);
  const network = texts(fields(params['network_ref'])['name']);
  if (network === undefined) return [];
  const fixedIp = list(params['fixed_ips_refs']).flatMap(({ ip_address }) => texts(ip_address) ?? [])[0];
  return [{ network, ...(fixedIp !== undefined && { fixedIp }) }];
}

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fields) : []);
const texts = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
