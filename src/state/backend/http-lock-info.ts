import { newUuid } from '../../host/random.js';
import { isShellWord } from '../../model/shell-word.js';
import type { LockHolder } from '../lock.js';
import { saidBy } from './http-refusal.js';

/** Lock info of Terraform's protocol. GitLab wants all of it, and keeps the ID. */
export interface LockInfo {
  readonly ID: string;
  readonly Operation: string;
  readonly Info: string;
  readonly Who: string;
  readonly Version: string;
  /** RFC 3339. */
  readonly Created: string;
  readonly Path: string;
}

const SHORT = 'short-';
/** Of a lock that is given back in a moment: whoever meets it waits, and takes nobody for at work. */
export const shortId = (): string => `${SHORT}${newUuid()}`;
export const isShort = (id: string | undefined): boolean => id?.startsWith(SHORT) === true;

/** What a server tells of who has a lock; as little as nothing. */
export interface ToldHolder {
  readonly id?: string;
  readonly who?: string;
  readonly since?: string;
}

export const lockInfo = (
  { id, operation, who, since }: LockHolder,
  { version, path }: { version: string; path: string },
): LockInfo => ({
  ID: id,
  Operation: operation,
  Info: '',
  Who: who,
  Version: version,
  Created: since,
  Path: path,
});

/** Of a holder that only the server knows: what it told of it. */
export const lockInfoOf = (id: string, { who = '', since = '' }: ToldHolder, path: string): LockInfo => ({
  ...{ ID: id, Operation: '', Info: '', Who: who, Version: '', Created: since, Path: path },
});

/** Of a refusal. No JSON, or some that says nothing: nothing is told. */
export function toldBy(text: string): ToldHolder {
  const { ID: id, Who: who, Created: since } = fieldsOf(text);
  return {
    ...(isNamed(id) && { id }),
    ...(isNamed(who) && { who: saidBy(who) }),
    ...(isNamed(since) && { since: saidBy(since) }),
  };
}

/** Without an id that somebody else made so that it says more to a shell than an id. */
export const fitToType = ({ id, ...told }: ToldHolder): ToldHolder => ({
  ...told,
  ...(id !== undefined && isShellWord(id) && { id }),
});

const isNamed = (value: unknown): value is string => typeof value === 'string' && value !== '';

function fieldsOf(text: string): { readonly ID?: unknown; readonly Who?: unknown; readonly Created?: unknown } {
  try {
    return Object(JSON.parse(text)) as object;
  } catch {
    return {};
  }
}
