import { parse } from 'yaml';
import { isPlainMetadata, isPlainText } from '../../model/plain-text.js';
import { addableImageMetadata } from '../../model/portable-image-metadata.js';
import type { DraftNic, DraftServer, MigrationDraft } from './migration-draft.js';
import { bootMetadata, common, type Fields, fields, list, texts } from './os-migrate-fields.js';
import { askedOfVolumes, leftOut } from './os-migrate-left.js';

/** What a workloads.yml holds, or why it is none. `contradictory`: its servers ask for two things at once; none becomes a manifest. */
export type WorkloadsParseResult =
  | { readonly kind: 'workloads'; readonly drafts: readonly MigrationDraft[]; readonly skipped: readonly string[] }
  | { readonly kind: 'contradictory'; readonly why: readonly string[] }
  | { readonly kind: 'not-workloads'; readonly why: string };

/** Reads os-migrate's workloads.yml of any release; of the resources in it, servers become drafts. */
export function readWorkloads(text: string, provider?: string): WorkloadsParseResult {
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
  const isKnown = ({ type, _info: info }: Fields): boolean =>
    type === 'openstack.compute.Server' && texts(fields(info)['id']) !== undefined;
  const known = resources.filter(isKnown);
  const contradictions = known.flatMap(twoMachineTypes);
  if (contradictions.length > 0) return { kind: 'contradictory', why: contradictions };
  return {
    kind: 'workloads',
    drafts: known.map((server) => draftOfWorkload(server, provider)),
    skipped: resources.filter((resource) => !isKnown(resource)).map(({ type }) => `${texts(type) ?? 'a resource'}`),
  };
}

function draftOfWorkload(resource: Fields, provider: string | undefined): MigrationDraft {
  const params = fields(resource['params']);
  const id = texts(fields(resource['_info'])['id'])!;
  const metadata = bootMetadata(params);
  const volumeType = common(askedOfVolumes('volume_type', resource));
  const availabilityZone = common(askedOfVolumes('availability_zone', resource));
  const server = serverOf(params, availabilityZone);
  return {
    name: texts(params['name']) ?? id,
    ...(provider !== undefined && { provider }),
    selector: { server: id },
    machineType: machineTypeOf(fields(resource['_migration_params']), metadata),
    imageMetadata: addableImageMetadata(metadata),
    notes: ['from workloads.yml of os-migrate'],
    leftOut: [...leftOut(resource), ...spoilt(params)],
    ...(volumeType !== undefined && { volumeType }),
    ...(availabilityZone !== undefined && { availabilityZone }),
    ...(server !== undefined && { server }),
  };
}

/** Without a flavor it is no server that could be made. */
function serverOf(params: Fields, zoneOfVolumes: string | undefined): DraftServer | undefined {
  const flavor = texts(fields(params['flavor_ref'])['name']);
  if (flavor === undefined) return undefined;
  const keyName = texts(params['key_name']);
  const zone = texts(params['availability_zone']);
  const description = texts(params['description']);
  return {
    flavor,
    nics: list(params['ports']).flatMap(nicOf),
    securityGroups: hasOnePort(params) ? groupsOf(params) : [],
    ...(keyName !== undefined && { keyName }),
    ...(zone !== undefined && zone !== zoneOfVolumes && { availabilityZone: zone }),
    ...(description !== undefined && isPlainText(description) && { description }),
    ...(params['metadata'] !== undefined && { metadata: Object.fromEntries(metadataOf(params).filter(isKept)) }),
    ...(Array.isArray(params['tags']) && { tags: params['tags'].flatMap((tag) => texts(tag) ?? []) }),
  };
}

/** The file has the groups of all ports together: on each of several ports they would let in what was kept out of it. */
const hasOnePort = (params: Fields): boolean => list(params['ports']).length < 2;
const groupsOf = (params: Fields): string[] => list(params['security_group_refs']).flatMap(({ name }) => texts(name) ?? []);

const metadataOf = (params: Fields): [string, string][] =>
  Object.entries(fields(params['metadata'])).map(([key, value]) => [key, String(value)]);
const isKept = ([key, value]: readonly [string, string]): boolean => value !== '' && isPlainMetadata(key, value);

/** What would change its meaning in a manifest, or what not every cloud would store as it is. */
function spoilt(params: Fields): string[] {
  const description = texts(params['description']);
  const groups = groupsOf(params);
  return [
    ...(hasOnePort(params) || groups.length === 0
      ? []
      : [`security_group_refs: ${JSON.stringify(groups)} (each port keeps its own of the source)`]),
    ...(description !== undefined && !isPlainText(description) ? [`description: ${JSON.stringify(description)}`] : []),
    ...metadataOf(params)
      .filter((entry) => !isKept(entry))
      .map(([key, value]) => `metadata.${key}: ${JSON.stringify(value)}`),
  ];
}

/** The type stands in two places that people edit; a guess which of them was meant would boot a guest on the wrong hardware. */
function twoMachineTypes(resource: Fields): string[] {
  const params = fields(resource['params']);
  const [here, there] = [
    texts(fields(resource['_migration_params'])['hw_machine_type']),
    texts(bootMetadata(params)['hw_machine_type']),
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
  const exported = texts(metadata['hw_machine_type']);
  if (exported !== undefined) return { value: exported, why: 'volume_image_metadata of the boot volume in workloads.yml' };
  return { value: 'preserve', why: 'workloads.yml names none' };
}

function nicOf(port: Fields): DraftNic[] {
  const params = fields(port['params']);
  const network = texts(fields(params['network_ref'])['name']);
  if (network === undefined) return [];
  const mac = texts(params['mac_address']);
  const fixedIps = list(params['fixed_ips_refs']).flatMap(({ ip_address }) => texts(ip_address) ?? []);
  return [{ network, ...(mac !== undefined && { mac }), ...(params['fixed_ips_refs'] !== undefined && { fixedIps }) }];
}
