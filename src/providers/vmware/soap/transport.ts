import { Agent, type Dispatcher } from 'undici';
import { DiagnosticsError, invariant } from '../../../diag/diagnostic.js';
import { isInterruption } from '../../../host/interruption.js';
import { ProxyFailure, throughProxy } from '../../../host/proxy-connector.js';
import { Secret } from '../../../host/secret.js';
import { trace } from '../../../host/trace.js';
import { escapeXml } from '../../../model/xml-text.js';
import { notConnectedCodes } from '../../not-connected.js';
import { SOAP_ACTION } from '../wsdl/document.js';
import { assertVimRequest } from './assert-request.js';
import { type CertificateTrust, type LeafCertificate, trustingConnector } from './certificate.js';
import { TransportFailure } from './failure.js';

const SESSION_COOKIE = 'vmware_soap_session';
const ENVELOPE_END = /<\/(?:[\w.-]+:)?Envelope\s*>\s*$/;
const FAULT = /<(?:[\w.-]+:)?Fault[\s>]/;
const RESPONSE_BYTES_MAX = 64 * 2 ** 20;
/** A whole exchange may take so many times what its first byte may. */
const EXCHANGE_FACTOR = 2;
/** Failures of this kind happen before a request is written. */
const NOT_CONNECTED = new Set([...notConnectedCodes, 'EPROTO', 'ERR_TLS_CERT_ALTNAME_INVALID']);

interface TransportOptions {
  /** `https://host:port`. */
  readonly origin: string;
  readonly trust: CertificateTrust;
  readonly userAgent: string;
  /** Says the proxy, if there is one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface Exchange {
  readonly call: string;
  /** vCenter writes it into its logs. */
  readonly operationId?: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** What replaces each placeholder right before the request is written. */
  readonly secrets: ReadonlyMap<string, Secret>;
}

/**
 * HTTP to one vCenter: its own connections, its own trust, its own cookie. Resolves only with a complete SOAP envelope of
 * status 200, or of 500 with a fault; everything else is a TransportFailure, never an empty success.
 */
export class SoapTransport {
  private readonly agent: Agent;
  private cookie: Secret | undefined;
  private leaf: LeafCertificate | undefined;

  /** `HOST:PORT`. */
  private readonly host: string;

  constructor(private readonly options: TransportOptions) {
    const { hostname, port } = new URL(options.origin);
    this.host = `${hostname}:${port || '443'}`;
    const connect = trustingConnector(options.trust, (leaf) => {
      this.leaf = leaf;
    });
    this.agent = new Agent({ connect: throughProxy(connect, options.env ?? {}), keepAliveTimeout: 30_000, allowH2: false });
  }

  /** The certificate of the last connection that was trusted. */
  get certificate(): LeafCertificate | undefined {
    return this.leaf;
  }

  dropCookie(): void {
    this.cookie = undefined;
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  async post(xml: string, exchange: Exchange): Promise<string> {
    assertVimRequest(xml, exchange.call);
    const late = AbortSignal.timeout(exchange.timeoutMs * EXCHANGE_FACTOR);
    const beganMs = performance.now();
    const { call, operationId = '-' } = exchange;
    const tell = (what: string): void =>
      trace(
        'debug',
        'soap',
        () => `${call} at ${this.host}: ${what} after ${Math.round(performance.now() - beganMs)} ms, operation ${operationId}`,
      );
    try {
      const { response, body } = await this.exchange(xml, exchange, late);
      tell(`${response.statusCode}, ${body.length} characters`);
      this.keepCookie(response.headers['set-cookie']);
      return requireEnvelope(response, body, { call, host: this.host });
    } catch (error) {
      if (error instanceof TransportFailure) tell(error.detail);
      throw error;
    }
  }

  private async exchange(xml: string, exchange: Exchange, late: AbortSignal) {
    const { call } = exchange;
    try {
      const response = await this.send(xml, { ...exchange, signal: AbortSignal.any([exchange.signal, late]) });
      return { response, body: await textOf(response, call) };
    } catch (error) {
      throw failed(error, { call, host: this.host, late });
    }
  }

  private send(xml: string, { call, timeoutMs, signal, secrets }: Exchange): Promise<Dispatcher.ResponseData> {
    let body = xml;
    for (const [placeholder, secret] of secrets) {
      invariant(body.includes(placeholder), `${call}: a secret has no place in the request`);
      body = body.replace(placeholder, () => escapeXml(secret.reveal()));
    }
    const headers: Record<string, string> = {
      'content-type': 'text/xml; charset="utf-8"',
      soapaction: SOAP_ACTION,
      'user-agent': this.options.userAgent,
    };
    if (this.cookie !== undefined) headers['cookie'] = `${SESSION_COOKIE}=${this.cookie.reveal()}`;
    return this.agent.request({
      origin: this.options.origin,
      path: '/sdk',
      method: 'POST',
      headers,
      body,
      signal,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
  }

  /** The value goes back byte for byte: vCenter wraps it in quotes, and may insist on them. */
  private keepCookie(header: string | readonly string[] | undefined): void {
    const lines = header === undefined ? [] : typeof header === 'string' ? [header] : header;
    for (const line of lines) {
      const [pair = ''] = line.split(';', 1);
      const equals = pair.indexOf('=');
      if (equals > 0 && pair.slice(0, equals).trim() === SESSION_COOKIE) this.keep(pair.slice(equals + 1).trim());
    }
  }

  private keep(value: string): void {
    this.cookie = new Secret(value);
    // Known without its quotes as well, so that it is struck wherever it is said.
    void new Secret(value.replace(/^"(.*)"$/, '$1'));
  }
}

async function textOf({ body }: Dispatcher.ResponseData, call: string): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > RESPONSE_BYTES_MAX)
      throw new TransportFailure('unreadable', call, `the answer is longer than ${RESPONSE_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Which call went where. */
interface Asked {
  readonly call: string;
  /** `HOST:PORT`. */
  readonly host: string;
}

/** `late` ends the whole of it. */
function failed(error: unknown, { call, host, late }: Asked & { readonly late: AbortSignal }): TransportFailure {
  if (error instanceof TransportFailure) {
    const { presentedThumbprint, isClockBehind } = error;
    const details = presentedThumbprint === undefined ? {} : { presentedThumbprint };
    const detail = error.reason === 'untrusted' ? `${host}: ${error.detail}` : error.detail;
    return new TransportFailure(error.reason, call, detail, { cause: error, isClockBehind, ...details });
  }
  if (error instanceof DiagnosticsError) throw error;
  if (error instanceof ProxyFailure) return new TransportFailure('unreachable', call, error.message, { cause: error });
  const code = (error as { readonly code?: unknown }).code;
  if (isInterruption(error, late))
    return new TransportFailure('lost', call, `no complete answer came from ${host} in the time that is allowed for it`, {
      cause: error,
    });
  const text = typeof code === 'string' ? code : error instanceof Error ? error.name : 'unknown reason';
  if (NOT_CONNECTED.has(text) || text.startsWith('ERR_SSL_')) {
    return new TransportFailure('unreachable', call, `no connection to ${host} (${text})`, { cause: error });
  }
  return new TransportFailure('lost', call, `the connection to ${host} broke before the answer was complete (${text})`, {
    cause: error,
  });
}

function requireEnvelope({ statusCode, headers }: Dispatcher.ResponseData, body: string, { call, host }: Asked): string {
  if (statusCode === 502 || statusCode === 503 || statusCode === 504) {
    throw new TransportFailure('unavailable', call, `HTTP ${statusCode} from ${host}: vCenter is not ready`);
  }
  if (statusCode !== 200 && statusCode !== 500) {
    const location = headers['location'] === undefined ? '' : ', a redirect';
    throw new TransportFailure('unreadable', call, `HTTP ${statusCode} from ${host}${location}`);
  }
  if (!body.trimStart().startsWith('<') || /^\s*<(?:!doctype html|html)\b/i.test(body)) {
    const what = body.trim() === '' ? 'nothing' : 'something else than SOAP';
    throw new TransportFailure(
      body.trim() === '' ? 'truncated' : 'unreadable',
      call,
      `HTTP ${statusCode} from ${host} with ${what}`,
    );
  }
  if (!ENVELOPE_END.test(body.slice(-200)))
    throw new TransportFailure('truncated', call, `the answer of ${host} ends in the middle`);
  if (statusCode === 500 && !FAULT.test(body))
    throw new TransportFailure('unreadable', call, `HTTP 500 from ${host} without a fault`);
  return body;
}
