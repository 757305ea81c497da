import type { Session } from '../sessions.js';
import type { ResultType } from '../soap/encode.js';
import type { MoRef, Value } from '../soap/value.js';
import type { VimFault } from '../soap/vim-fault.js';
import type { Vcenter } from '../vcenter.js';

/** One call, decoded. */
export interface Call {
  readonly vcenter: Vcenter;
  /** Present for every operation that needs a login. */
  readonly session: Session | undefined;
  readonly method: string;
  readonly target: MoRef;
  /** Shaped by the method's table; operations narrow it. */
  readonly fields: Readonly<Record<string, Value>>;
  readonly userAgent: string;
  /** Makes the answer carry this cookie value. */
  readonly setCookie: (value: string) => void;
  /** A fault the task started by this call must end with; see the fault plan. */
  readonly taskFault: { readonly fault: VimFault; readonly work: boolean } | undefined;
}

export interface Operation {
  /** Type of `_this`. */
  readonly on: string;
  /** Absent: the answer is empty. */
  readonly result?: ResultType;
  /** Works without a login. */
  readonly isOpen?: boolean;
  /** Privilege on the target, checked before anything else happens. */
  readonly privilege?: string;
  readonly run: (call: Call) => Promise<Value | undefined> | Value | undefined;
}

export type Operations = Readonly<Record<string, Operation>>;

export const one = (type: string): ResultType => ({ type, isList: false });
export const many = (type: string): ResultType => ({ type, isList: true });

/** The login of a call whose operation needs one. */
export function sessionOf({ session }: Call): Session {
  if (session === undefined) throw new Error('the dispatcher let an operation run without its session');
  return session;
}
