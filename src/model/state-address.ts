/** Stands in the address of a server of states where the name of one goes. */
export const NAME_IN_ADDRESS = '{name}';
/** What servers take: GitLab keeps names in a column of 255 characters. */
const SEGMENT_LENGTH_MAX = 255;
/** A hash, and enough before it to know what it is of. */
export const NAME_LENGTH_MIN = 100;

/** Why states cannot be told apart by it, or it must not be shown; undefined: it is fit. Nothing of it is repeated. */
export function unfitAddress(address: string): string | undefined {
  if (!URL.canParse(address)) return 'is no URL';
  const { protocol, username, password, host, hash } = new URL(address);
  if (!['http:', 'https:'].includes(protocol)) return 'is no URL of http or https';
  if (username !== '' || password !== '') return 'has a login in it, which belongs into user and password';
  if (hash !== '') return 'has a part after #, which no server is sent';
  if (host.includes('{') || !address.includes(NAME_IN_ADDRESS))
    return 'has no {name} in its path, where the name of a state goes';
  return nameLengthMaxIn(address) < NAME_LENGTH_MIN
    ? 'leaves no room for a name: what stands around {name} is too long'
    : undefined;
}

/** Characters of a name there. GitLab takes what stands around it between two slashes for a part of it. */
export function nameLengthMaxIn(address: string): number {
  const segment = address.split(/[/?]/).find((part) => part.includes(NAME_IN_ADDRESS)) ?? NAME_IN_ADDRESS;
  return SEGMENT_LENGTH_MAX - (segment.length - NAME_IN_ADDRESS.length);
}
