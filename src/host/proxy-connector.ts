import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { type Endpoint, type HttpProxy, proxyFor } from './proxy-of-environment.js';

export type Connector = ReturnType<typeof buildConnector>;

const CONNECT_TIMEOUT_MS = 15_000;

/** There is no way through the proxy. Nothing of a request was sent, and the message names the proxy and no password. */
export class ProxyFailure extends Error {
  override readonly name = 'ProxyFailure';
  constructor(
    message: string,
    /** One of notConnectedCodes: the call may be tried again. */
    readonly code: 'ECONNREFUSED' | 'UND_ERR_CONNECT_TIMEOUT',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Opens connections through the proxy that the environment names, and directly where it names none. `connect` does TLS with the endpoint
 * itself, inside of the tunnel: what it trusts, and that it looks at the certificate of the endpoint, stays as it is.
 */
export function throughProxy(connect: Connector, env: Readonly<Record<string, string | undefined>>): Connector {
  return (options, callback) => {
    const endpoint = endpointOf(options);
    tunnelTo(endpoint, env).then(
      (socket) => {
        if (socket === undefined) connect(options, callback);
        else if (endpoint.protocol === 'http:') callback(null, socket);
        else connect({ ...options, httpSocket: socket }, callback);
      },
      (error: Error) => callback(error, null),
    );
  };
}

function endpointOf({ protocol, hostname, port }: Parameters<Connector>[0]): Endpoint {
  const scheme = protocol === 'http:' ? 'http:' : 'https:';
  return { protocol: scheme, host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (scheme === 'http:' ? 80 : 443) };
}

/** undefined: no proxy is to be used. */
async function tunnelTo(endpoint: Endpoint, env: Readonly<Record<string, string | undefined>>): Promise<Socket | undefined> {
  const proxy = proxyFor(endpoint, env);
  return proxy && tunnel(proxy, endpoint);
}

function tunnel(proxy: HttpProxy, { host, port }: Endpoint): Promise<Socket> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const asked = (proxy.tls ? tlsRequest : plainRequest)({
    host: proxy.host,
    port: proxy.port,
    method: 'CONNECT',
    path: authority,
    agent: false,
    headers: { host: authority, ...(proxy.authorization && { 'proxy-authorization': proxy.authorization.reveal() }) },
  });
  return new Promise<Socket>((resolve, reject) => {
    const late = setTimeout(() => {
      reject(failure(proxy, `does not answer within ${CONNECT_TIMEOUT_MS / 1000} s`, { code: 'UND_ERR_CONNECT_TIMEOUT' }));
      asked.destroy();
    }, CONNECT_TIMEOUT_MS);
    asked.once('close', () => clearTimeout(late));
    asked.once('connect', ({ statusCode = 0 }, socket, head) => {
      clearTimeout(late);
      if (statusCode === 200 && head.length === 0) return resolve(socket);
      socket.destroy();
      reject(failure(proxy, statusCode === 200 ? 'sends what was not asked for' : refusal(proxy, statusCode, authority)));
    });
    asked.once('error', (cause: NodeJS.ErrnoException) =>
      reject(failure(proxy, `cannot be reached (${cause.code ?? cause.message})`, { cause })),
    );
    asked.end();
  });
}

function refusal({ authorization }: HttpProxy, status: number, authority: string): string {
  if (status === 407) return authorization === undefined ? 'wants a login (HTTP 407)' : 'refuses the login of its URL (HTTP 407)';
  return `does not connect to ${authority} (HTTP ${status})`;
}

const failure = (
  { host, port, variable }: HttpProxy,
  what: string,
  { code = 'ECONNREFUSED', cause }: { readonly code?: ProxyFailure['code']; readonly cause?: Error } = {},
): ProxyFailure =>
  new ProxyFailure(
    `the proxy ${host.includes(':') ? `[${host}]` : host}:${port} (${variable}) ${what}`,
    code,
    cause && { cause },
  );
