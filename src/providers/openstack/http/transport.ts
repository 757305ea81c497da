import { readFileSync } from 'node:fs';
import { Agent, buildConnector, errors } from 'undici';
import { interruption } from '../../../host/interruption.js';
import { throughProxy } from '../../../host/proxy-connector.js';
import { trace } from '../../../host/trace.js';
import { clockBehind, lookUpValidFrom } from '../../clock-behind.js';
import type { CloudTls } from '../config/cloud-config.js';
import { notConfigured } from '../config/not-configured.js';
import { EndlessAnswer } from './endless-answer.js';
import { type RemoteAnswer, requestIdOf } from './errors.js';
import { hostOf } from './host-of.js';
import { ClockBehind, isTooEarly } from './transport-problem.js';

const CONNECTIONS_PER_HOST_MAX = 8;
const CONNECT_TIMEOUT_MS = 15_000;
const ANSWER_BYTES_MAX = 64 * 2 ** 20;
/** A whole exchange may take so many times what its first byte may. */
const EXCHANGE_FACTOR = 2;

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Plain HTTP with one pool of connections. Redirects are not followed: a token must not go to another host. */
export class Transport {
  private readonly agent: Agent;

  constructor(
    tls: CloudTls,
    private readonly timeoutMs: number,
    env: Readonly<Record<string, string | undefined>> = {},
  ) {
    const connect = { timeout: Math.min(timeoutMs, CONNECT_TIMEOUT_MS), rejectUnauthorized: tls.verify, ...certificates(tls) };
    this.agent = new Agent({
      connections: CONNECTIONS_PER_HOST_MAX,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      connect: throughProxy(buildConnector(connect), env),
    });
  }

  /**
   * Throws undici's error when there is no complete answer (transport-problem.ts tells them apart), or EndlessAnswer. A GET ends with
   * the work that is interrupted; of anything else it has to be known what came of it.
   */
  async send({ method, url, headers, body }: HttpRequest): Promise<RemoteAnswer> {
    const deadlineMs = this.timeoutMs * EXCHANGE_FACTOR;
    const late = AbortSignal.timeout(deadlineMs);
    const stop = method === 'GET' ? interruption() : undefined;
    const signal = stop === undefined ? late : AbortSignal.any([late, stop]);
    const beganMs = performance.now();
    const tell = (what: string, id = '-'): void =>
      trace(
        'debug',
        'http',
        () => `${method} ${url}: ${what} after ${Math.round(performance.now() - beganMs)} ms, request ${id}`,
      );
    let heardAt = beganMs;
    const heard = () => {
      heardAt = performance.now();
    };
    try {
      const { origin, pathname, search } = new URL(url);
      const target = { origin, path: `${pathname}${search}` };
      const response = await this.agent.request({ ...target, method, headers, body: body ?? null, signal });
      const answer = {
        status: response.statusCode,
        headers: flatten(response.headers),
        text: await textOf(response.body, heard),
      };
      tell(`${answer.status}, ${answer.text.length} characters`, requestIdOf(answer));
      return { ...answer, from: hostOf(url) };
    } catch (error) {
      tell(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      if (isTooEarly(error)) throw new ClockBehind(clockBehind(await lookUpValidFrom(url)), { cause: error });
      stop?.throwIfAborted();
      if (!late.aborted) throw error;
      // undici looks at its own limit now and then only: silence is a time-out whoever notices it first.
      if (performance.now() - heardAt >= this.timeoutMs) throw new errors.BodyTimeoutError();
      throw new EndlessAnswer(`no complete answer after ${deadlineMs / 1000} s`, { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

async function textOf(body: AsyncIterable<Buffer>, heard: () => void): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    heard();
    length += chunk.length;
    if (length > ANSWER_BYTES_MAX) throw new EndlessAnswer(`the answer is longer than ${ANSWER_BYTES_MAX / 2 ** 20} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [key, value] of Object.entries(headers)) {
    if (value !== undefined) flat[key.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

/** One file may hold certificate and key, as requests allows. */
function certificates({ caFile, certFile, keyFile }: CloudTls): { ca?: string; cert?: string; key?: string } {
  return {
    ...(caFile !== undefined && { ca: readPem(caFile, 'cacert') }),
    ...(certFile !== undefined && { cert: readPem(certFile, 'cert'), key: readPem(keyFile ?? certFile, 'key') }),
  };
}

function readPem(path: string, key: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw notConfigured(`${key} of the cloud cannot be read: ${why}`, [
      `Correct ${key} in clouds.yaml, or make ${path} readable.`,
    ]);
  }
}
