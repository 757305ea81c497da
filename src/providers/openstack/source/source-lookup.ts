import type { VmSelector } from '../../../model/desired.js';
import { grouped } from '../../../model/grouped.js';
import { NameIndex } from '../../../model/same-name.js';
import { Nearest } from '../../nearest.js';
import type { JsonCursor } from '../http/json-cursor.js';

export type ServerFinding =
  | { readonly kind: 'found'; readonly server: JsonCursor }
  | { readonly kind: 'not-found'; readonly nearest: readonly string[] }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly string[] };

/** The servers of a project, looked up by many selectors. */
export class SourceServers {
  private readonly byId: ReadonlyMap<string, readonly JsonCursor[]>;
  private readonly byName: NameIndex<JsonCursor>;
  private readonly nearest: Nearest<string>;

  constructor(servers: readonly JsonCursor[]) {
    this.byId = grouped(servers, (server) => [server.at('id').text()]);
    this.byName = new NameIndex(servers, nameOf);
    this.nearest = new Nearest(
      servers.flatMap((server) => nameOf(server) ?? []),
      (name) => name,
    );
  }

  /** An id goes before a name. Other ways to name a VM are VMware's, and find nothing here. */
  find(selector: VmSelector): ServerFinding {
    if (selector.kind !== 'server') return { kind: 'not-found', nearest: [] };
    const wanted = selector.server;
    const [withId] = this.byId.get(wanted.toLowerCase()) ?? [];
    if (withId !== undefined) return { kind: 'found', server: withId };
    const [first, ...others] = this.byName.named(wanted);
    if (first === undefined) return { kind: 'not-found', nearest: this.nearest.to(wanted) };
    if (others.length === 0) return { kind: 'found', server: first };
    return { kind: 'ambiguous', candidates: [first, ...others].map((server) => server.at('id').text()).sort() };
  }
}

const nameOf = (server: JsonCursor): string | undefined => server.at('name').optionalText();
