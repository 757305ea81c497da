import { badRequest, type Call } from './message.js';

export interface Page<T> {
  readonly items: readonly T[];
  /** The `next` link, or undefined when the page came out shorter than the limit. */
  readonly next: string | undefined;
}

interface Pageable {
  readonly id: string;
}

export interface PageOptions {
  readonly pageSizeMax: number;
  /** The list's own URL without query. */
  readonly url: string;
  readonly markerNotFound: (marker: string) => Error;
}

/**
 * Cuts the page asked for by `limit`, `marker` and `offset` out of a sorted list. As in the real services the limit is
 * silently lowered to the cloud's own, and a page that is exactly full has a next link even if nothing follows.
 */
export function pageOf<T extends Pageable>(all: readonly T[], { query }: Call, options: PageOptions): Page<T> {
  const limit = Math.min(countFrom(query.get('limit'), 'limit') ?? options.pageSizeMax, options.pageSizeMax);
  const marker = query.get('marker');
  const after = marker === undefined ? 0 : all.findIndex(({ id }) => id === marker) + 1;
  if (marker !== undefined && after === 0) throw options.markerNotFound(marker);
  const start = after + (countFrom(query.get('offset'), 'offset') ?? 0);
  const items = all.slice(start, start + limit);
  const last = items.at(-1);
  const isFull = limit > 0 && items.length === limit;
  return { items, next: isFull && last !== undefined ? nextLink(options.url, query, last.id) : undefined };
}

function nextLink(url: string, query: ReadonlyMap<string, string>, marker: string): string {
  const rest = [...query].filter(([key]) => key !== 'marker' && key !== 'offset');
  return `${url}?${new URLSearchParams([...rest, ['marker', marker]])}`;
}

function countFrom(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^-?\d+$/.test(text)) throw badRequest(`${name} param must be an integer`);
  if (text.startsWith('-')) throw badRequest(`${name} param must be positive`);
  return Number(text);
}

/** `{name}_links` as Cinder and Nova write it, or nothing. */
export const linksOf = (name: string, next: string | undefined): object =>
  next === undefined ? {} : { [`${name}_links`]: [{ rel: 'next', href: next }] };
