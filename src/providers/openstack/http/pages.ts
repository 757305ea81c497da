import { isProviderError } from '../../../contracts/provider-error.js';
import type { Service } from '../config/cloud-config.js';
import type { CloudClient } from './cloud-client.js';
import { invalidAnswer } from './errors.js';
import type { JsonCursor } from './json-cursor.js';

const PAGE_LENGTH = 1000;
const PAGES_MAX = 1000;
const ATTEMPTS_MAX = 10;
/** More than any project has. */
const ENTRIES_MAX = 200_000;

export interface ListCall {
  readonly service: Service;
  readonly path: string;
  /** Name of the list in the answer; `<name>_links` says whether there is more. */
  readonly name: string;
  /** The API gives no links with this list: the end is a page with nothing new. */
  readonly unlinked?: boolean;
  readonly query?: Readonly<Record<string, string>>;
}

/**
 * Every entry of a list once, page by page with a marker, by name and id: what follows from a list must not depend on the order in which
 * a service happens to tell it. Entries made meanwhile push others to the next page, so one may come twice; a cloud that ignores the marker repeats itself and is stopped by that. An entry that
 * is deleted while it is the marker makes the next page a 404, and the list is read anew.
 */
export async function listAll(client: CloudClient, call: ListCall): Promise<JsonCursor[]> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const entries = await readPages(client, call);
    if (entries !== undefined) return byName(entries);
  }
  throw invalidAnswer(client.site(`GET ${call.path}`), `its entries went away while it was read, ${ATTEMPTS_MAX} times`);
}

function byName(entries: readonly JsonCursor[]): JsonCursor[] {
  return entries
    .map((entry) => ({ entry, key: `${entry.at('name').brief() ?? ''}\n${entry.at('id').text()}` }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ entry }) => entry);
}

/** Undefined when a marker is gone. */
async function readPages(
  client: CloudClient,
  { service, path, name, query, unlinked = false }: ListCall,
): Promise<JsonCursor[] | undefined> {
  const entries = new Map<string, JsonCursor>();
  let marker: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const asked = { ...query, limit: String(PAGE_LENGTH), ...(marker !== undefined && { marker }) };
    const answer = await client.ask({ service, method: 'GET', path, query: asked }).catch((error: unknown) => {
      if (marker !== undefined && isProviderError(error, 'not-found')) return undefined;
      throw error;
    });
    if (answer === undefined) return undefined;
    const known = entries.size;
    const received = answer.at(name).list();
    for (const entry of received) entries.set(entry.at('id').text(), entry);
    const last = received.at(-1)?.at('id').text();
    if (last === undefined || entries.size === known || !(unlinked || hasNext(answer, name, received.length)))
      return [...entries.values()];
    if (entries.size > ENTRIES_MAX)
      throw invalidAnswer(client.site(`GET ${path}`), `the list does not end: it has more than ${ENTRIES_MAX} entries`);
    marker = last;
  }
  throw invalidAnswer(client.site(`GET ${path}`), `the list did not end after ${PAGES_MAX} pages`);
}

function hasNext(answer: JsonCursor, name: string, received: number): boolean {
  const links = answer.at(`${name}_links`).optionalList();
  return received >= PAGE_LENGTH || links.some((link) => link.at('rel').optionalText() === 'next');
}
