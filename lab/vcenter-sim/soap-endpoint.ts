import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallLog, LoggedCall } from './call-log.js';
import { dispatch, resultTypeOf } from './dispatch.js';
import type { FaultAction, FaultPlan, FaultRule, FaultSpec } from './fault-plan.js';
import { COOKIE_NAME, OutOfSessions } from './sessions.js';
import { encodeFault, encodeResponse, PLAIN_DIALECT, randomDialect } from './soap/encode.js';
import { checkSoapAction, parseRequest, peekMethod, type SoapRequest } from './soap/request.js';
import { VimFault } from './soap/vim-fault.js';
import type { Vcenter } from './vcenter.js';

const BODY_BYTES_MAX = 10 * 2 ** 20;
const PROXY_PAGE =
  '<html><head><title>Service Unavailable</title></head><body><h1>503</h1><p>no healthy upstream</p></body></html>';

export interface SoapEndpoint {
  readonly vcenter: Vcenter;
  readonly faults: FaultPlan;
  readonly calls: CallLog;
  readonly versions: readonly string[];
}

/** What goes back over the wire. */
interface Reply {
  readonly status: number;
  readonly body: string;
  readonly isHtml?: boolean;
  readonly cookie?: string | undefined;
}

/** Answers POST /sdk. */
export async function serveSoap(endpoint: SoapEndpoint, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request);
  if (!/^text\/xml\b/.test(request.headers['content-type'] ?? '')) {
    send(response, { status: 415, body: '<html><body>Unsupported Media Type</body></html>', isHtml: true });
    return;
  }
  const call = decode(endpoint, request, body);
  const rules = endpoint.faults.match(call.method, call.parsed?.target.value);
  const before = rules.filter((rule) => (rule.when ?? 'before') === 'before');
  if (await interfere(before, { response, call })) return;
  const reply = await answer(endpoint, { request, call, rules });
  const after = rules.filter((rule) => rule.when === 'after');
  if (await interfere(after, { response, call, reply })) return;
  send(response, reply);
}

interface DecodedCall {
  readonly method: string;
  readonly parsed: SoapRequest | undefined;
  readonly error: VimFault | undefined;
  readonly log: LoggedCall;
}

function decode({ vcenter, calls, versions }: SoapEndpoint, request: IncomingMessage, body: string): DecodedCall {
  let parsed: SoapRequest | undefined;
  let error: VimFault | undefined;
  try {
    checkSoapAction(request.headers['soapaction'] as string | undefined, versions);
    parsed = parseRequest(body);
  } catch (caught) {
    if (!(caught instanceof VimFault)) throw caught;
    error = caught;
  }
  const method = parsed?.method ?? peekMethod(body);
  const log = calls.add({
    time: vcenter.clock.now().toISOString(),
    method,
    moref: parsed?.target.value,
    user: vcenter.sessions.find(request.headers.cookie)?.account.name,
    operationId: parsed?.operationId,
    outcome: error?.type,
  });
  return { method, parsed, error, log };
}

async function answer(
  { vcenter }: SoapEndpoint,
  { request, call, rules }: { request: IncomingMessage; call: DecodedCall; rules: readonly FaultRule[] },
): Promise<Reply> {
  const dialect = randomDialect(vcenter.world.random);
  let cookie: string | undefined;
  try {
    if (call.parsed === undefined) throw call.error;
    const result = await dispatch({
      vcenter,
      session: vcenter.sessions.find(request.headers.cookie),
      method: call.parsed.method,
      target: call.parsed.target,
      fields: call.parsed.fields,
      userAgent: request.headers['user-agent'] ?? '',
      setCookie: (value) => {
        cookie = value;
      },
      taskFault: taskFaultOf(rules),
    });
    return { status: 200, body: encodeResponse(call.method, result, { type: resultTypeOf(call.method), dialect }), cookie };
  } catch (error) {
    if (error instanceof OutOfSessions) {
      call.log.outcome = 'http 503';
      return { status: 503, body: PROXY_PAGE, isHtml: true };
    }
    const fault = error instanceof VimFault ? error : new VimFault('SystemError', { reason: String(error) }, String(error));
    if (!(error instanceof VimFault)) console.error(error);
    call.log.outcome = fault.type;
    return { status: 500, body: encodeFault(fault, dialect) };
  }
}

function taskFaultOf(rules: readonly FaultRule[]): { fault: VimFault; work: boolean } | undefined {
  for (const { do: action } of rules)
    if ('taskFault' in action) return { fault: toFault(action.taskFault), work: action.work ?? false };
  return undefined;
}

const toFault = ({ type, fields, message }: FaultSpec): VimFault => new VimFault(type, fields, message);

interface Exchange {
  readonly response: ServerResponse;
  readonly call: DecodedCall;
  /** Present when the effect has happened. */
  readonly reply?: Reply;
}

/** Lets the rules act in turn. True when one of them has ended the exchange. */
async function interfere(rules: readonly FaultRule[], exchange: Exchange): Promise<boolean> {
  for (const { do: action } of rules) {
    if ('delayMs' in action) await sleep(action.delayMs);
    else if (!('taskFault' in action)) {
      exchange.call.log.outcome = endExchange(action, exchange);
      return true;
    }
  }
  return false;
}

function endExchange(
  action: Exclude<FaultAction, { delayMs: number } | { taskFault: FaultSpec }>,
  { response, reply }: Exchange,
): string {
  if ('fault' in action) {
    send(response, { status: 500, body: encodeFault(toFault(action.fault), PLAIN_DIALECT) });
    return action.fault.type;
  }
  if ('http' in action) {
    send(response, { status: action.http.status, body: action.http.body ?? PROXY_PAGE, isHtml: true });
    return `http ${action.http.status}`;
  }
  if ('empty' in action) {
    send(response, { status: 200, body: '' });
    return 'empty';
  }
  if ('drop' in action || reply === undefined) {
    response.socket?.destroy();
    return 'dropped';
  }
  const share = action.truncate === true ? 0.5 : action.truncate;
  const bytes = Buffer.from(reply.body);
  writeHead(response, reply, bytes.length);
  response.write(bytes.subarray(0, Math.floor(bytes.length * share)), () => response.socket?.destroy());
  return 'truncated';
}

function send(response: ServerResponse, reply: Reply): void {
  const bytes = Buffer.from(reply.body);
  writeHead(response, reply, bytes.length);
  response.end(bytes);
}

function writeHead(response: ServerResponse, { status, isHtml, cookie }: Reply, length: number): void {
  response.writeHead(status, {
    'Content-Type': isHtml === true ? 'text/html' : 'text/xml; charset=utf-8',
    'Content-Length': length,
    'Cache-Control': 'no-cache',
    ...(cookie === undefined ? {} : { 'Set-Cookie': `${COOKIE_NAME}=${cookie}; Path=/; HttpOnly; Secure; ` }),
  });
}

/** The whole body as text; an endless one is cut off. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length > BODY_BYTES_MAX) throw new Error('request body too large');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
