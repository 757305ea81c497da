import type { StateRequest } from './exchange.js';
import type { LockInfo } from './state-store.js';

/** What goes wrong. Exactly one of the kinds. */
export type FaultEffect =
  /** An answer of this status, before the request is carried out, or after (`when`). */
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  /** The connection is cut, before or after. */
  | { readonly drop: true }
  | { readonly delayMs: number }
  /** The request waits until this resolves; then it is carried out. */
  | { readonly until: Promise<unknown> }
  /** The answer is cut after that many bytes, although Content-Length promises all. */
  | { readonly truncateBytes: number }
  /** The answer has only so many bytes and looks whole. */
  | { readonly shortBytes: number }
  /** Another frees the lock by force and takes it, just before this request. */
  | { readonly stealLock: LockInfo }
  /** The server forgets all states, just before this request. */
  | { readonly forget: true };

/** When and where something goes wrong. All conditions given must hold. */
export interface FaultRule {
  readonly id?: string;
  readonly method?: string;
  /** Searched in the path with query, as sent. */
  readonly path?: RegExp;
  /** Only the nth matching request, counted from 1. */
  readonly nth?: number;
  /** Only the first so many matching requests. Without nth and times: every one. */
  readonly times?: number;
  /** `before` (default): the server never sees the request. `after`: it has carried it out, and the answer is lost. */
  readonly when?: 'before' | 'after';
  readonly do: FaultEffect;
}

interface ArmedFault {
  readonly id: string;
  readonly rule: FaultRule;
  matches: number;
}

/** The rules in force. The first rule that fires for a request wins. */
export class Faults {
  private readonly armed: ArmedFault[] = [];
  private count = 0;

  /** Returns the rule's id. */
  add(rule: FaultRule): string {
    const id = rule.id ?? `fault-${++this.count}`;
    this.armed.push({ id, rule, matches: 0 });
    return id;
  }

  clear(): void {
    this.armed.length = 0;
  }

  /** Counts the request on every rule that matches and returns the one that fires. */
  pick(request: StateRequest): (FaultRule & { readonly id: string }) | undefined {
    const matching = this.armed.filter(({ rule }) => applies(rule, request));
    for (const fault of matching) fault.matches++;
    const due = matching.find(({ rule, matches }) => isDue(rule, matches));
    return due === undefined ? undefined : { ...due.rule, id: due.id };
  }
}

const applies = ({ method, path }: FaultRule, request: StateRequest): boolean =>
  (method === undefined || method === request.method) && (path === undefined || request.target.search(path) >= 0);

function isDue({ nth, times }: FaultRule, matches: number): boolean {
  if (nth !== undefined) return matches === nth;
  return times === undefined || matches <= times;
}
