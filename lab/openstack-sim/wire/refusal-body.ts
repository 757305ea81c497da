import { Refusal, type Reply } from './message.js';
import type { ServiceName } from './service-name.js';

/** Cinder's and Nova's names for statuses; any other status is a `computeFault`. */
const faultNames: Readonly<Record<number, string>> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
  415: 'badMediaType',
  429: 'overLimit',
  501: 'notImplemented',
  503: 'serviceUnavailable',
};

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Request Entity Too Large',
};

/** The refusal in the words of the service that says it. */
export function refusalReply(service: ServiceName, refusal: Refusal): Reply {
  const { status, headers } = refusal;
  return { status, headers, ...bodyOf(service, refusal) };
}

function bodyOf(service: ServiceName, { status, message, type, headers }: Refusal): Pick<Reply, 'body' | 'text' | 'contentType'> {
  switch (service) {
    case 'volume':
    case 'compute':
      return { body: { [faultNames[status] ?? 'computeFault']: computeStyle(status, message, headers) } };
    case 'network':
      return { body: { NeutronError: { type: type ?? 'HTTPException', message, detail: '' } } };
    case 'identity':
      return { body: { error: { code: status, message, title: titles[status] ?? 'Error' } } };
    case 'image':
    case 'placement':
      return { text: htmlPage(status, message), contentType: 'text/html; charset=UTF-8' };
  }
}

function computeStyle(code: number, message: string, headers: Readonly<Record<string, string>>): object {
  const retryAfter = headers['Retry-After'];
  return { code, message, ...(code === 413 && retryAfter !== undefined ? { retryAfter } : {}) };
}

function htmlPage(status: number, message: string): string {
  const title = `${status} ${titles[status] ?? 'Error'}`;
  return `<html>\n <head>\n  <title>${title}</title>\n </head>\n <body>\n  <h1>${title}</h1>\n  ${message}<br /><br />\n </body>\n</html>`;
}

/** What the router in front of a service answers for a path it does not have: not in the service's own words. */
export function noRouteReply(service: ServiceName, accept: string): Reply {
  const message = 'The resource could not be found.';
  if (service === 'network') return refusalReply(service, new Refusal(404, message, { type: 'HTTPNotFound' }));
  if (service !== 'volume' && service !== 'compute') return refusalReply(service, new Refusal(404, message));
  if (!accept.includes('json'))
    return { status: 404, text: `404 Not Found\n\n${message}\n\n   `, contentType: 'text/plain; charset=UTF-8' };
  return { status: 404, body: { message: `${message}<br /><br />\n\n\n`, code: '404 Not Found', title: 'Not Found' } };
}

/** keystonemiddleware's answer for a missing, unknown or expired token, the same in front of every service. */
export function unauthorizedReply(baseUrl: string): Reply {
  return {
    status: 401,
    headers: { 'WWW-Authenticate': `Keystone uri="${baseUrl}/identity"` },
    body: { error: { code: 401, message: 'The request you have made requires authentication.', title: 'Unauthorized' } },
  };
}
