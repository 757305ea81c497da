import type { DeviceFacts } from './device-facts.js';
import { MARK } from './remote-program.js';

/** What the remote program tells, one line each, in this order; after each of them it may end. */
export type RemoteMessage =
  | { readonly state: 'no-python' }
  | ({ readonly state: 'here' } & RemoteMachine)
  | { readonly state: 'none' }
  | { readonly state: 'several'; readonly paths: readonly string[] }
  /** Open in vain: `EBUSY`, and in words. */
  | { readonly state: 'closed'; readonly path: string; readonly error: string; readonly words: string }
  | { readonly state: 'claimed'; readonly path: string; readonly facts: DeviceFacts }
  | { readonly state: 'serving' }
  /** The NBD server ended by itself. */
  | { readonly state: 'ended'; readonly status: number }
  | { readonly state: 'failed'; readonly words: string };

export interface RemoteMachine {
  readonly uuid: string | null;
  /** What `nbdkit --version` says. */
  readonly nbdkit: string | null;
  readonly hasFolder: boolean;
  readonly mayOpen: boolean;
  readonly isRoot: boolean;
}

/** Undefined: a line of somebody else, such as a login script. */
export function decodeMessage(line: string): RemoteMessage | undefined {
  if (!line.startsWith(MARK)) return undefined;
  const text = line.slice(MARK.length).trim();
  return text === 'no-python' ? { state: 'no-python' } : (JSON.parse(text, undefinedForNull) as RemoteMessage);
}

/** Facts that are not known are absent, except where the machine tells that it has none. */
const undefinedForNull = (key: string, value: unknown): unknown =>
  value === null && ['serial', 'numberThere'].includes(key) ? undefined : value;
