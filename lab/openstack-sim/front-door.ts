import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CallLog } from './call-log.js';
import type { SimClock } from './clock.js';
import type { FaultEffect, FaultRule } from './fault-rule.js';
import { type Faults, replyOfFault } from './faults.js';
import { type Answer, type RawRequest, serviceOf } from './gateway.js';
import { readBody, sendReply } from './http-server.js';
import type { Reply } from './wire/message.js';

export interface FrontDoorParts {
  readonly answer: (request: RawRequest) => Answer;
  readonly faults: Faults;
  readonly calls: CallLog;
  readonly clock: SimClock;
  /** Known only when the server listens. */
  readonly baseUrl: () => string;
}

/** Takes HTTP requests to the gateway, through the fault rules, and notes every one in the call log. */
export function createFrontDoor(parts: FrontDoorParts): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    receive(parts, request, response).catch(() => response.destroy());
  };
}

async function receive(parts: FrontDoorParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const raw: RawRequest = {
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers: request.headers as Record<string, string | undefined>,
    bodyText: await readBody(request),
    baseUrl: parts.baseUrl(),
  };
  const rule = parts.faults.pick({ service: serviceOf(raw.url), method: raw.method, pathAndQuery: raw.url });
  if (rule !== undefined && 'delayMs' in rule.do) {
    parts.clock.after(rule.do.delayMs, () => finish(parts, raw, { rule, response }));
    return;
  }
  if (rule !== undefined && 'lateMs' in rule.do) {
    response.destroy();
    parts.clock.after(rule.do.lateMs, () => finish(parts, raw, { rule, response }));
    return;
  }
  finish(parts, raw, { rule, response });
}

function finish(
  parts: FrontDoorParts,
  raw: RawRequest,
  { rule, response }: { rule: FaultRule | undefined; response: ServerResponse },
): void {
  const served = servedUnder(parts, raw, rule);
  const effect = rule?.do;
  const dropped = effect !== undefined && 'drop' in effect;
  const reply = effect === undefined ? served?.reply : (replyOfFault(effect, serviceOf(raw.url)) ?? served?.reply);
  parts.calls.add({
    service: serviceOf(raw.url),
    method: raw.method,
    path: raw.url,
    status: dropped ? 0 : (reply?.status ?? 0),
    user: served?.token?.user.name,
    project: served?.token?.project?.name,
    requestId: served?.requestId,
    fault: rule?.id,
    bug: served?.bug,
  });
  if (served?.bug !== undefined) console.error(`${raw.method} ${raw.url}: ${served.bug}`);
  if (dropped || reply === undefined) {
    response.destroy();
    return;
  }
  const withId: Reply = { ...reply, headers: { 'X-Openstack-Request-Id': served?.requestId ?? 'req-fault', ...reply.headers } };
  sendReply(
    response,
    raw.method === 'HEAD' ? { status: withId.status, headers: withId.headers ?? {} } : withId,
    truncation(rule),
  );
}

/** What the service answers, or undefined when the fault strikes before the service sees the request. */
function servedUnder(parts: FrontDoorParts, raw: RawRequest, rule: FaultRule | undefined): Answer | undefined {
  return rule !== undefined && replacesService(rule.do) && rule.when !== 'after' ? undefined : parts.answer(raw);
}

const replacesService = (effect: FaultEffect): boolean =>
  !('delayMs' in effect) && !('lateMs' in effect) && !('truncateBytes' in effect);

const truncation = (rule: FaultRule | undefined): number | undefined =>
  rule !== undefined && 'truncateBytes' in rule.do ? rule.do.truncateBytes : undefined;
