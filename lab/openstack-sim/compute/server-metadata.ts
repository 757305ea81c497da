import type { Cloud } from '../cloud.js';
import { objectIn } from '../wire/body-check.js';
import { type AuthorizedCall, badRequest, notFound, type Reply } from '../wire/message.js';
import { type Route, secured } from '../wire/route.js';
import { findServer } from './find-server.js';
import { readMetadata } from './server-request.js';

/** Server metadata: POST merges, PUT replaces, as with volumes. */
export function serverMetadataRoutes(cloud: Cloud): Route[] {
  const path = '/servers/{id}/metadata';
  return [
    secured('GET', path, (call) => ({ status: 200, body: { metadata: Object.fromEntries(findServer(cloud, call).metadata) } })),
    secured('POST', path, (call) => write(cloud, call, 'merge')),
    secured('PUT', path, (call) => write(cloud, call, 'replace')),
    secured('GET', `${path}/{key}`, (call) => {
      const { metadata, key } = existing(cloud, call);
      return { status: 200, body: { meta: { [key]: metadata.get(key) } } };
    }),
    secured('PUT', `${path}/{key}`, (call) => {
      const wanted = readMetadata(objectIn(call.body, 'meta'));
      const key = call.params['key'] as string;
      const value = wanted.get(key);
      if (value === undefined || wanted.size !== 1) throw badRequest('Request body and URI mismatch');
      findServer(cloud, call).metadata.set(key, value);
      return { status: 200, body: { meta: { [key]: value } } };
    }),
    secured('DELETE', `${path}/{key}`, (call) => {
      const { metadata, key } = existing(cloud, call);
      metadata.delete(key);
      return { status: 204 };
    }),
  ];
}

function write(cloud: Cloud, call: AuthorizedCall, how: 'merge' | 'replace'): Reply {
  const server = findServer(cloud, call);
  const wanted = readMetadata(objectIn(call.body, 'metadata'));
  server.metadata = how === 'merge' ? new Map([...server.metadata, ...wanted]) : wanted;
  return { status: 200, body: { metadata: Object.fromEntries(server.metadata) } };
}

function existing(cloud: Cloud, call: AuthorizedCall): { metadata: Map<string, string>; key: string } {
  const { metadata } = findServer(cloud, call);
  const key = call.params['key'] as string;
  if (!metadata.has(key)) throw notFound('Metadata item was not found');
  return { metadata, key };
}
