import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Reply } from './wire/message.js';

const BODY_BYTES_MAX = 8 * 1024 * 1024;

export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

interface TlsMaterial {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** Serves on this port of the loopback address; 0: on a free one. */
export async function listen(handler: RequestListener, tls?: TlsMaterial, at = 0): Promise<Listening> {
  const server: Server = tls === undefined ? createServer(handler) : createTlsServer(tls, handler);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The whole body as text. Rejects when it is larger than the limit. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    parts.push(part as Buffer);
    bytes += (part as Buffer).length;
    if (bytes > BODY_BYTES_MAX) throw new Error('request body is too large');
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Sends the reply; with `truncateBytes` only the start of its body, although Content-Length promises all. */
export function sendReply(response: ServerResponse, reply: Reply, truncateBytes?: number): void {
  const text = reply.text ?? (reply.body === undefined ? '' : JSON.stringify(reply.body));
  const content = Buffer.from(text);
  const contentType = reply.contentType ?? (reply.text === undefined ? 'application/json' : 'text/plain');
  const lengthHeader = reply.status === 204 ? {} : { 'Content-Length': String(content.length) };
  response.writeHead(reply.status, {
    ...(content.length > 0 && { 'Content-Type': contentType }),
    ...lengthHeader,
    ...reply.headers,
  });
  if (truncateBytes === undefined) {
    response.end(content);
    return;
  }
  response.write(content.subarray(0, truncateBytes), () => response.destroy());
}
