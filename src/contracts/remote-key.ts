import type { ProviderIdentity } from './provider.js';

/** What says which cloud or vCenter it is; a field that is added to the identity does not compile until it is compared. */
export const comparable: { readonly [Field in keyof Required<ProviderIdentity>]: (of: ProviderIdentity) => string | undefined } =
  {
    kind: ({ kind }) => kind,
    endpoint: ({ endpoint }) => withoutVersion(endpoint),
    id: ({ id }) => id,
    region: ({ region }) => region,
  };
export const identityFields = Object.keys(comparable) as (keyof ProviderIdentity)[];

/** The same text for two names of one remote, however its URL is written; another text for any other remote. */
export const remoteKey = (identity: ProviderIdentity): string =>
  JSON.stringify(identityFields.map((field) => comparable[field](identity) ?? null));

/** Host and port of a URL, and its path without a version at the end: what the same service may be written as. */
function withoutVersion(endpoint: string): string {
  if (!URL.canParse(endpoint)) return endpoint;
  const { protocol, host, pathname } = new URL(endpoint);
  return `${protocol}//${host}${pathname.replace(/\/+$/, '').replace(/\/v\d+(\.\d+)?$/, '')}`;
}
