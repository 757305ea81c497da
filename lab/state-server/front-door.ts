import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StateControl } from './control.js';
import type { Dialect, StateAnswer, StateRequest } from './exchange.js';
import type { FaultEffect, FaultRule, Faults } from './faults.js';
import type { RequestLog } from './request-log.js';

const BODY_BYTES_MAX = 64 * 1024 * 1024;

export interface FrontDoorParts {
  readonly dialect: Dialect;
  readonly control: StateControl;
  readonly faults: Faults;
  readonly log: RequestLog;
}

/** Takes HTTP requests to the dialect, through the fault rules, and notes every one. */
export const createFrontDoor =
  (parts: FrontDoorParts) =>
  (incoming: IncomingMessage, response: ServerResponse): void => {
    receive(parts, incoming, response).catch(() => response.destroy());
  };

async function receive(parts: FrontDoorParts, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const request = await requestOf(incoming);
  const rule = parts.faults.pick(request);
  if (rule !== undefined) await happensBefore(parts, request, rule.do);
  const answer = answerUnder(parts, request, rule);
  parts.log.add({
    method: request.method,
    path: request.target,
    status: answer?.status ?? 0,
    who: parts.dialect.who(request),
    fault: rule?.id,
  });
  if (answer === undefined) response.destroy();
  else send(response, answer, rule);
}

async function requestOf(incoming: IncomingMessage): Promise<StateRequest> {
  const target = incoming.url ?? '/';
  const [path = '/', query = ''] = target.split('?', 2);
  const body = await bodyOf(incoming);
  return { method: incoming.method ?? 'GET', target, path, query: new URLSearchParams(query), headers: incoming.headers, body };
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) throw new Error('request body is too large');
  }
  return Buffer.concat(parts);
}

async function happensBefore({ dialect, control }: FrontDoorParts, request: StateRequest, effect: FaultEffect): Promise<void> {
  if ('delayMs' in effect) await sleep(effect.delayMs);
  if ('until' in effect) await effect.until;
  if ('forget' in effect) control.forget();
  if ('stealLock' in effect) control.stealLock(dialect.nameOf(request) ?? '', effect.stealLock);
}

/** Undefined when the connection is to be cut. */
function answerUnder({ dialect }: FrontDoorParts, request: StateRequest, rule: FaultRule | undefined): StateAnswer | undefined {
  const effect = rule?.do;
  const isReplaced = effect !== undefined && ('status' in effect || 'drop' in effect);
  if (!isReplaced) return dialect.answer(request);
  if (rule?.when === 'after') dialect.answer(request);
  if ('drop' in effect) return undefined;
  return { status: effect.status, headers: effect.headers ?? {}, body: Buffer.from(effect.body ?? '') };
}

function send(response: ServerResponse, { status, headers = {}, body = Buffer.alloc(0) }: StateAnswer, rule?: FaultRule): void {
  const effect = rule?.do;
  const whole = effect !== undefined && 'shortBytes' in effect ? body.subarray(0, effect.shortBytes) : body;
  response.writeHead(status, { ...headers, ...(status !== 204 && { 'Content-Length': String(whole.length) }) });
  if (effect !== undefined && 'truncateBytes' in effect)
    response.write(whole.subarray(0, effect.truncateBytes), () => response.destroy());
  else response.end(whole);
}
