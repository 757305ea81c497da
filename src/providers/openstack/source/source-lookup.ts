import type { VmSelector } from '../../../model/desired.js';
import { withName } from '../../../model/same-name.js';
import { nearest } from '../../nearest.js';
import type { JsonCursor } from '../http/json-cursor.js';

export type ServerFinding =
  | { readonly kind: 'found'; readonly server: JsonCursor }
  | { readonly kind: 'not-found'; readonly nearest: readonly string[] }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly string[] };

/** An id goes before a name. Other ways to name a VM are VMware's, and find nothing here. */
export function findSourceServer(selector: VmSelector, servers: readonly JsonCursor[]): ServerFinding {
  if (selector.kind !== 'server') return { kind: 'not-found', nearest: [] };
  const wanted = selector.server;
  const byId = servers.find((server) => server.at('id').text() === wanted.toLowerCase());
  if (byId !== undefined) return { kind: 'found', server: byId };
  const named = withName(servers, wanted, (server) => server.at('name').optionalText());
  if (named.length === 1) return { kind: 'found', server: named[0]! };
  if (named.length > 1) return { kind: 'ambiguous', candidates: named.map((server) => server.at('id').text()).sort() };
  const names = servers.flatMap((server) => server.at('name').optionalText() ?? []);
  return { kind: 'not-found', nearest: nearest(wanted, names, (name) => name) };
}
