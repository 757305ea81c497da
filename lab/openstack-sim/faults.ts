import type { FaultEffect, FaultRule } from './fault-rule.js';
import { Refusal, type Reply } from './wire/message.js';
import { refusalReply } from './wire/refusal-body.js';
import type { ServiceName } from './wire/service-name.js';

interface ArmedFault {
  readonly id: string;
  readonly rule: FaultRule;
  readonly path: RegExp | undefined;
  matches: number;
}

/** One request as far as fault rules look at it. */
export interface FaultTarget {
  readonly service: ServiceName | undefined;
  readonly method: string;
  readonly pathAndQuery: string;
}

/** The rules in force. The first rule that fires for a call wins. */
export class Faults {
  private readonly armed: ArmedFault[] = [];
  private count = 0;

  /** Returns the rule's id. Throws on a path that is no regular expression. */
  add(rule: FaultRule): string {
    const id = rule.id ?? `fault-${++this.count}`;
    this.armed.push({ id, rule, path: rule.path === undefined ? undefined : new RegExp(rule.path), matches: 0 });
    return id;
  }

  clear(): void {
    this.armed.length = 0;
  }

  /** Counts the call on every rule that matches and returns the one that fires. */
  pick(target: FaultTarget): FaultRule | undefined {
    const matching = this.armed.filter((fault) => applies(fault, target));
    for (const fault of matching) fault.matches++;
    return matching.find(({ rule, matches }) => isDue(rule, matches))?.rule;
  }
}

function applies({ rule, path }: ArmedFault, target: FaultTarget): boolean {
  if (rule.service !== undefined && rule.service !== target.service) return false;
  if (rule.method !== undefined && rule.method !== target.method) return false;
  return path === undefined || path.test(target.pathAndQuery);
}

function isDue({ nth, times }: FaultRule, matches: number): boolean {
  if (nth !== undefined) return matches === nth;
  return times === undefined || matches <= times;
}

/** The answer a fault makes up, in the style of the service; undefined when it works on the connection or on the real answer. */
export function replyOfFault(effect: FaultEffect, service: ServiceName = 'compute'): Reply | undefined {
  if ('status' in effect) {
    const { status, message = 'injected fault', retryAfterSeconds } = effect;
    if (effect.body !== undefined) return { status, body: effect.body, headers: retryAfter(retryAfterSeconds) };
    return refusalReply(service, new Refusal(status, message, { headers: retryAfter(retryAfterSeconds) }));
  }
  if ('html503' in effect) {
    return {
      status: 503,
      headers: retryAfter(effect.retryAfterSeconds),
      contentType: 'text/html',
      text: '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n',
    };
  }
  return undefined;
}

const retryAfter = (seconds: number | undefined): Record<string, string> =>
  seconds === undefined ? {} : { 'Retry-After': String(seconds) };
