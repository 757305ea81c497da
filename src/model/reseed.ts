/**
 * What `spec.reseed` asks for. `request` is the field as it is written (`once`, `once-2`, `once-2026-12-01`): the record of
 * a volume keeps it, so that one request is carried out once however long it stands in the manifest.
 */
export interface Reseed {
  readonly request: string;
  /** copy: every byte is written again. compare: source and volume are read in full, and only what differs is written. */
  readonly how: 'copy' | 'compare';
}

/** How a request is spelt; what follows the dash tells it from earlier ones. */
export const reseedPattern = '^(never|(once|compare)(-[A-Za-z0-9.-]{1,10})?)$';

export function parseReseed(text: string): Reseed | undefined {
  if (text === 'never' || !new RegExp(reseedPattern).test(text)) return undefined;
  return { request: text, how: text.startsWith('compare') ? 'compare' : 'copy' };
}

/** Requests that none of these volumes has heard of: what an advice may name, as repeating an old one asks for nothing. */
export interface FreshRequests {
  readonly once: string;
  readonly compare: string;
}

export function freshRequests(used: readonly { readonly reseed?: string }[]): FreshRequests {
  const known = new Set(used.map(({ reseed }) => reseed));
  const fresh = (word: string): string => {
    for (let number = 1; ; number++) {
      const request = number === 1 ? word : `${word}-${number}`;
      if (!known.has(request)) return request;
    }
  };
  return { once: fresh('once'), compare: fresh('compare') };
}
