import { createHash } from 'node:crypto';
import type { ServerRequest } from '../../../contracts/target-provider.js';
import { plainName } from '../../../model/plain-text.js';
import type { CloudClient } from '../http/cloud-client.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { listAll } from '../http/pages.js';

/** What a port is recognised by. */
export interface PortMark {
  readonly name: string;
  /** What the name ends in, whatever the server is called. */
  readonly ending: string;
  /** How the description begins: whose port it is and which NIC, whatever device it hangs on. */
  readonly ownerTag: string;
}

const TEXT_MAX = 255;
const HASH_LENGTH = 12;
const ASKED = ' asked=';

/** A short text that only the same text has. */
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH);

/**
 * Of the NIC at this place in the request. The description says in the clear whose port it is; the name ends in a hash of that, so that
 * it is one of a kind.
 */
export function markOf({ name, identityKey, metadata }: Identified, index: number): PortMark {
  const ownerTag = `migplan ${identityKey}=${metadata[identityKey] ?? ''} nic=${index}`;
  const ending = `-nic${index}-${hashOf(ownerTag)}`;
  const start = plainName(name).slice(0, TEXT_MAX - ending.length);
  return { name: `${start}${ending}`, ending, ownerTag: ownerTag.slice(0, TEXT_MAX - ASKED.length - HASH_LENGTH) };
}

type Identified = Pick<ServerRequest, 'name' | 'identityKey' | 'metadata'>;

/** The mark, and what Neutron was asked for, as a hash: what it answers does not tell what it chose by itself. */
export const descriptionOf = ({ ownerTag }: PortMark, asked: object): string =>
  `${ownerTag}${ASKED}${hashOf(JSON.stringify(asked))}`;

/** Ports of this project: an administrator's list has everybody's. */
export async function listOwnPorts(client: CloudClient): Promise<JsonCursor[]> {
  const project = await client.projectId();
  const query = { project_id: project };
  const ports = await listAll(client, { service: 'network', path: '/ports', name: 'ports', query });
  return ports.filter((port) => port.at('project_id').optionalText() === project);
}

/** No device has it and no service owns it, and it is marked so. */
export const isFreeWith =
  (mark: PortMark) =>
  (port: JsonCursor): boolean => {
    const isFree = ['device_id', 'device_owner'].every((field) => (port.at(field).optionalText() ?? '') === '');
    return isFree && isDescribed(port, mark) && port.at('name').optionalText()?.endsWith(mark.ending) === true;
  };

const askedEnd = new RegExp(`${ASKED}[0-9a-f]{${HASH_LENGTH}}$`);

/** Ports of earlier versions have the mark alone. Clouds without the description attribute are known by the name alone. */
const isDescribed = (port: JsonCursor, { ownerTag }: PortMark): boolean =>
  port.at('description').isAbsent() || port.at('description').text().replace(askedEnd, '') === ownerTag;

/** Free ports of the server, also of NICs that it shall not have any more. */
export const freePortsOf = (server: Identified, listed: readonly JsonCursor[]): JsonCursor[] =>
  listed.filter((port) => {
    const [, index] = /-nic(\d{1,4})-[0-9a-f]+$/.exec(port.at('name').optionalText() ?? '') ?? [];
    return index !== undefined && isFreeWith(markOf(server, Number(index)))(port);
  });
