import type { VmSelector } from '../../../model/desired.js';
import { TransportFailure } from '../soap/failure.js';
import { READ, type Session } from '../soap/session.js';
import type { Moref } from '../wsdl/vim.js';
import { isBareName, searchPath } from './inventory-path.js';
import { describeAll, listVms, type VmListing } from './listing.js';

/** So many VMs are looked up one by one; for more, one listing of everything costs less. */
const DIRECT_LOOKUPS_MAX = 20;

type VmFinding =
  | { readonly kind: 'found'; readonly ref: Moref }
  | { readonly kind: 'not-found'; readonly nearest: readonly string[] }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly string[] };

/** Finds the VMs that selectors name, in their order. The whole inventory is listed at most once, and only when needed. */
export async function findVms(session: Session, selectors: readonly VmSelector[]): Promise<VmFinding[]> {
  let listing: Promise<VmListing> | undefined;
  const list = (): Promise<VmListing> => {
    listing ??= listVms(session);
    return listing;
  };
  if (selectors.length > DIRECT_LOOKUPS_MAX) {
    const all = await list();
    return Promise.all(selectors.map(async (selector) => fromListing(selector, all) ?? direct(session, selector, list)));
  }
  return Promise.all(selectors.map((selector) => direct(session, selector, list)));
}

async function direct(session: Session, selector: VmSelector, list: () => Promise<VmListing>): Promise<VmFinding> {
  const isName = selector.kind === 'path' && isBareName(selector.path);
  const ref = isName ? undefined : await lookUp(session, selector);
  if (ref?.type === 'VirtualMachine') return { kind: 'found', ref };
  const listing = await list();
  return (
    fromListing(selector, listing) ?? {
      kind: 'not-found',
      nearest: selector.kind === 'path' ? listing.nearestTo(selector.path) : [],
    }
  );
}

async function lookUp(session: Session, selector: VmSelector): Promise<Moref | undefined> {
  const { searchIndex } = await session.content();
  if (searchIndex === undefined) throw new TransportFailure('unreadable', 'FindByUuid', 'the server has no search index');
  switch (selector.kind) {
    case 'path':
      return session.call('FindByInventoryPath', searchIndex, { inventoryPath: searchPath(selector.path) }, READ);
    case 'instanceUuid':
      return session.call('FindByUuid', searchIndex, { uuid: selector.instanceUuid, vmSearch: true, instanceUuid: true }, READ);
    case 'moref':
      return { type: 'VirtualMachine', value: selector.moref };
    case 'server':
      return undefined;
  }
}

/** undefined when the listing does not settle it: an account may be able to find what it cannot list the folders of. */
function fromListing(selector: VmSelector, listing: VmListing): VmFinding | undefined {
  const candidates = candidatesFor(selector, listing);
  if (candidates.length > 1) return { kind: 'ambiguous', candidates: describeAll(candidates) };
  return candidates[0] === undefined ? undefined : { kind: 'found', ref: candidates[0].ref };
}

function candidatesFor(selector: VmSelector, listing: VmListing) {
  switch (selector.kind) {
    case 'instanceUuid':
      return listing.withUuid(selector.instanceUuid);
    case 'moref':
      return [listing.withMoref(selector.moref)].filter((vm) => vm !== undefined);
    case 'path':
      return isBareName(selector.path) ? listing.named(selector.path.replace(/^\//, '')) : listing.atPath(selector.path);
    case 'server':
      return [];
  }
}
