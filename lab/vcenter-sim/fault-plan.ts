import type { Value } from './soap/value.js';

/** What goes wrong. */
export type FaultAction =
  /** A SOAP fault of this type; `fields` are its own, such as `{"invalidProperty": "changeId"}`. */
  | { readonly fault: FaultSpec }
  /** The call succeeds and starts its task; the task ends with this error. `work: true` lets the effect happen first. */
  | { readonly taskFault: FaultSpec; readonly work?: boolean }
  | { readonly drop: true }
  /** Milliseconds; the call then goes on as usual. */
  | { readonly delayMs: number }
  /** An answer by a proxy that knows no SOAP. */
  | { readonly http: { readonly status: number; readonly body?: string } }
  /** Only this share of the answer is sent (default one half), under the full Content-Length. */
  | { readonly truncate: true | number }
  /** HTTP 200 without a body. */
  | { readonly empty: true };

export interface FaultSpec {
  readonly type: string;
  readonly message?: string;
  readonly fields?: Readonly<Record<string, Value>>;
}

/** One planned failure. Calls are counted from the moment the rule is added. */
export interface FaultRule {
  readonly method: string;
  /** Only calls on this object id. */
  readonly moref?: string;
  /** The first call it hits, from 1. Default 1. */
  readonly nth?: number;
  /** How many calls it hits from there. Default 1. */
  readonly times?: number | 'always';
  /** Before the effect (which then does not happen) or after it. Default `before`. */
  readonly when?: 'before' | 'after';
  readonly do: FaultAction;
}

/** Decides for each call whether a rule hits it. */
export class FaultPlan {
  private rules: { readonly rule: FaultRule; seen: number }[] = [];

  add(rule: FaultRule): void {
    this.rules.push({ rule, seen: 0 });
  }

  clear(): void {
    this.rules = [];
  }

  /** Counts the call and gives the rules that hit it, in the order they were added. */
  match(method: string, moref: string | undefined): FaultRule[] {
    const hitting: FaultRule[] = [];
    for (const entry of this.rules) {
      const { rule } = entry;
      if (rule.method !== method || (rule.moref !== undefined && rule.moref !== moref)) continue;
      entry.seen += 1;
      const first = rule.nth ?? 1;
      const last = rule.times === 'always' ? Number.POSITIVE_INFINITY : first + (rule.times ?? 1) - 1;
      if (entry.seen < first || entry.seen > last) continue;
      hitting.push(rule);
    }
    return hitting;
  }
}
