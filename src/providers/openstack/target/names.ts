import type { ServerRequest } from '../../../contracts/target-provider.js';
import type { CloudClient } from '../http/cloud-client.js';
import { conflict, notFound } from '../http/errors.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { type ListCall, listAll } from '../http/pages.js';
import type { ResolvedPort } from './ports.js';

export const flavorList: ListCall = { service: 'compute', path: '/flavors', name: 'flavors' };
export const networkList: ListCall = { service: 'network', path: '/networks', name: 'networks' };
export const groupList: ListCall = { service: 'network', path: '/security-groups', name: 'security_groups' };

export interface ResolvedNames {
  readonly flavor: string;
  /** One for each port. */
  readonly resolvedPorts: readonly ResolvedPort[];
}

/** Turns the names in a request into ids. A name that is not there, or that two things have, is an error. */
export async function resolveNames(client: CloudClient, request: ServerRequest): Promise<ResolvedNames> {
  const flavor = resolve(client, request.flavor, {
    list: flavorList,
    entries: await listAll(client, flavorList),
    what: 'flavor',
  });
  if (request.ports.length === 0) return { flavor, resolvedPorts: [] };
  const networks = await listAll(client, networkList);
  const named = request.ports.flatMap(({ securityGroups = [] }) => securityGroups);
  const groups = named.length === 0 ? [] : await listOwnGroups(client);
  const groupId = (name: string): string => resolve(client, name, { list: groupList, entries: groups, what: 'security group' });
  const resolvedPorts = request.ports.map(({ network, securityGroups }) => ({
    network: resolve(client, network, { list: networkList, entries: networks, what: 'network' }),
    ...(securityGroups !== undefined && { securityGroups: securityGroups.map(groupId) }),
  }));
  return { flavor, resolvedPorts };
}

/** Only groups of this project: an administrator's list has everybody's. */
export async function listOwnGroups(client: CloudClient): Promise<JsonCursor[]> {
  const project = await client.projectId();
  return (await listAll(client, groupList)).filter((group) => {
    const owner = group.at('project_id').optionalText() ?? group.at('tenant_id').optionalText();
    return owner === undefined || owner === project;
  });
}

interface Candidates {
  readonly list: ListCall;
  readonly entries: readonly JsonCursor[];
  readonly what: string;
}

/** An id goes before a name. */
function resolve(client: CloudClient, wanted: string, { list, entries, what }: Candidates): string {
  const site = client.site(`GET ${list.path}`);
  if (entries.some((entry) => entry.at('id').text() === wanted)) return wanted;
  const ids = entries.filter((entry) => entry.at('name').optionalText() === wanted).map((entry) => entry.at('id').text());
  if (ids.length === 1) return ids[0]!;
  if (ids.length > 1)
    throw conflict(site, `${what} '${wanted}' is ambiguous: ${ids.join(', ')}`, ['Write the id in the manifest.']);
  throw notFound(site, `there is no ${what} '${wanted}'`, [`Write the name or id of a ${what} of this project.`]);
}
