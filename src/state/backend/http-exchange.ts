import { readFile } from 'node:fs/promises';
import pLimit from 'p-limit';
import { Agent, buildConnector } from 'undici';
import { type Clock, timerMs } from '../../host/clock.js';
import { interruption } from '../../host/interruption.js';
import { throughProxy } from '../../host/proxy-connector.js';
import { Secret } from '../../host/secret.js';
import { trace } from '../../host/trace.js';
import { placeOf } from './http-addresses.js';
import { type HttpAnswer, isBusy, NoAnswer } from './http-answer.js';
import { noAuthorities } from './http-refusal.js';
import { leftMs } from './http-time.js';

/** Servers of states are shared: what many ask at the same time waits here. */
export const READS_MAX = 10;
/** So that what is written does not wait for what is read. */
const CONNECTIONS_MAX = READS_MAX + 6;
/** A server is started again in less; a wrong address is told soon. */
export const PATIENCE_MS = { first: 5000, later: 90_000 } as const;
const ANSWER_BYTES_MAX = 64 * 2 ** 20;
export const TIMEOUT_MS_DEFAULT = 20_000;

export interface HttpLogin {
  readonly user: string;
  readonly password: Secret;
}

export interface HttpExchangeOptions {
  readonly login?: HttpLogin;
  /** PEM of the authorities to trust instead of Node's own. */
  readonly caFile?: string;
  /** For its proxy. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** `migplan/VERSION`. */
  readonly userAgent: string;
  /** Of one request, to the end of its answer. */
  readonly timeoutMs?: number;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly body?: string;
}

/** Single requests to one server. Redirects are not followed: a login must not go to another host, nor a POST become a GET. */
export class HttpExchange {
  private readonly reads = pLimit(READS_MAX);
  private agent: Promise<Agent> | undefined;
  private hasAnswered = false;

  constructor(private readonly options: HttpExchangeOptions) {}

  /** Throws NoAnswer; DiagnosticsError MP3033 where the authorities cannot be read. A GET ends with the work that is interrupted. */
  send(request: HttpRequest): Promise<HttpAnswer> {
    return request.method === 'GET' ? this.reads(() => this.exchange(request)) : this.exchange(request);
  }

  /** For how long what fails is asked again. */
  get patienceMs(): number {
    return this.hasAnswered ? PATIENCE_MS.later : PATIENCE_MS.first;
  }

  async close(): Promise<void> {
    await this.agent?.then((agent) => agent.destroy()).catch(() => undefined);
  }

  private async exchange(request: HttpRequest): Promise<HttpAnswer> {
    this.agent ??= openAgent(this.options);
    const agent = await this.agent;
    const stop = request.method === 'GET' ? interruption() : undefined;
    const place = placeOf(request.url);
    try {
      const answer = await this.ask(agent, request, stop);
      this.hasAnswered ||= !isBusy(answer);
      trace('debug', 'state', () => `${request.method} ${place}: HTTP ${answer.status}, ${answer.bytes.length} bytes`);
      return answer;
    } catch (error) {
      trace('debug', 'state', () => `${request.method} ${place}: ${error instanceof Error ? error.message : String(error)}`);
      stop?.throwIfAborted();
      throw new NoAnswer(place, error);
    }
  }

  private async ask(agent: Agent, { method, url, body }: HttpRequest, stop: AbortSignal | undefined): Promise<HttpAnswer> {
    const { clock, userAgent, timeoutMs = TIMEOUT_MS_DEFAULT } = this.options;
    const late = AbortSignal.timeout(timerMs(Math.min(timeoutMs, Math.ceil(leftMs(clock)))));
    const answer = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method,
      headers: {
        accept: 'application/json',
        'user-agent': userAgent,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...authorization(this.options.login),
      },
      body: body ?? null,
      signal: stop === undefined ? late : AbortSignal.any([late, stop]),
    });
    return { status: answer.statusCode, headers: answer.headers, bytes: await bytesOf(answer.body) };
  }
}

async function openAgent({ caFile, env, timeoutMs = TIMEOUT_MS_DEFAULT }: HttpExchangeOptions): Promise<Agent> {
  const ca =
    caFile === undefined
      ? {}
      : { ca: await readFile(caFile, 'utf8').catch((error) => Promise.reject(noAuthorities(caFile, error))) };
  return new Agent({ connections: CONNECTIONS_MAX, connect: throughProxy(buildConnector({ timeout: timeoutMs, ...ca }), env) });
}

function authorization(login: HttpLogin | undefined): { authorization?: string } {
  if (login === undefined) return {};
  const both = new Secret(`${login.user}:${login.password.reveal()}`);
  return { authorization: `Basic ${Buffer.from(both.reveal()).toString('base64')}` };
}

async function bytesOf(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > ANSWER_BYTES_MAX) throw new Error(`the answer is longer than ${ANSWER_BYTES_MAX / 2 ** 20} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
