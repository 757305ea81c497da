import type { Cloud } from './cloud.js';
import { liveToken } from './identity/login.js';
import type { Token } from './identity/model.js';
import { refuseReaders } from './policy.js';
import { createServices, type Service } from './services.js';
import { inOrder } from './wire/list-order.js';
import { badRequest, type Call, Refusal, type Reply } from './wire/message.js';
import { negotiate } from './wire/microversion.js';
import { noRouteReply, refusalReply, unauthorizedReply } from './wire/refusal-body.js';
import { matchRoute, requireVersion } from './wire/route.js';
import type { ServiceName } from './wire/service-name.js';

/** A request as it came in, before anything is known about it. */
export interface RawRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bodyText: string;
  readonly baseUrl: string;
}

/** The answer, with what the call log wants to know. */
export interface Answer {
  readonly reply: Reply;
  readonly requestId: string;
  readonly token: Token | undefined;
  /** Stack of an error that is the simulator's own. */
  readonly bug?: string;
}

const serviceNames: readonly string[] = ['identity', 'volume', 'compute', 'network', 'image', 'placement'];

/** The service a path belongs to: its first segment. */
export function serviceOf(url: string): ServiceName | undefined {
  const first = url.split(/[/?]/)[1] ?? '';
  return serviceNames.includes(first) ? (first as ServiceName) : undefined;
}

/** Authenticates, negotiates, routes and answers. Never throws. */
export function createGateway(cloud: Cloud): (request: RawRequest) => Answer {
  const services = createServices(cloud);
  return (request) => {
    const requestId = `req-${cloud.ids.uuid()}`;
    const token = liveToken(cloud, request.headers['x-auth-token']);
    const name = serviceOf(request.url);
    if (name === undefined) return { requestId, token, reply: { status: 404, text: 'no such service' } };
    try {
      const reply = dispatch({ cloud, name, service: services[name], request, token, requestId });
      return { requestId, token, reply };
    } catch (error) {
      if (error instanceof Refusal) return { requestId, token, reply: refusalReply(name, error) };
      const bug = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const message = 'The server has either erred or is incapable of performing the requested operation.';
      return { requestId, token, bug, reply: refusalReply(name, new Refusal(500, message)) };
    }
  };
}

interface Dispatch {
  readonly cloud: Cloud;
  readonly name: ServiceName;
  readonly service: Service;
  readonly request: RawRequest;
  readonly token: Token | undefined;
  readonly requestId: string;
}

function dispatch({ cloud, name, service, request, token, requestId }: Dispatch): Reply {
  const url = new URL(request.url, request.baseUrl);
  const inner = decodePath(url.pathname).slice(name.length + 1);
  // Tokens are checked before paths, as the middleware stands in front of the router.
  const isUsable = token !== undefined && (name === 'identity' || token.project !== undefined);
  const openMatch = matchRoute(
    service.routes.filter((route) => route.open),
    request.method,
    inner,
  );
  if (!isUsable && openMatch === undefined) return unauthorizedReply(request.baseUrl);
  const path = openMatch === undefined ? service.locate(inner, token) : inner;
  const version = service.versions === undefined ? 0 : negotiate(service.versions, versionHeader(service, request));
  const match = openMatch ?? matchRoute(service.routes, request.method, path);
  if (match === undefined) return noRouteReply(name, request.headers['accept'] ?? '');
  requireVersion(match.route, service.versions?.major ?? 0, version);
  const call: Call = {
    service: name,
    method: request.method,
    path,
    params: match.params,
    query: new Map(url.searchParams),
    headers: request.headers,
    body: parseBody(request.bodyText),
    version,
    requestId,
    baseUrl: request.baseUrl,
    token,
  };
  if (match.route.looksUpFirst !== true) refuseReaders(cloud, call);
  const reply = match.route.handle(call);
  return withVersion(service, version, request.method === 'GET' ? inOrder(cloud.listOrder, reply) : reply);
}

function versionHeader({ versions }: Service, { headers }: RawRequest): string | undefined {
  const old = headers['x-openstack-nova-api-version'];
  return headers['openstack-api-version'] ?? (versions?.word === 'compute' && old !== undefined ? `compute ${old}` : undefined);
}

function withVersion({ versions }: Service, minor: number, reply: Reply): Reply {
  if (versions === undefined) return reply;
  const version = `${versions.word} ${versions.major}.${minor}`;
  return { ...reply, headers: { 'OpenStack-API-Version': version, Vary: 'OpenStack-API-Version', ...reply.headers } };
}

/** WSGI servers decode before they route, so an escaped slash separates segments. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw badRequest('Malformed request url');
  }
}

function parseBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest('Malformed request body');
  }
}
