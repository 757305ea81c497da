import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIdentity, type ServerIdentity } from '../../../lab/vcenter-sim/certificates.js';

export interface WireRequest {
  /** Name of the called method. */
  readonly method: string;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

export interface WireReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the server does with a request: answers, or takes the connection into its own hands. */
export type WireHandler = (request: WireRequest, response: ServerResponse) => WireReply | 'handled';

/** An HTTPS server that says exactly what a test wants, and remembers what it was asked. */
export class WireServer implements AsyncDisposable {
  readonly requests: WireRequest[] = [];
  readonly handshakeFailures: Error[] = [];
  handler: WireHandler = () => ({ status: 500, body: '' });

  private constructor(
    readonly identity: ServerIdentity,
    private readonly server: Server,
    private readonly directory: string,
  ) {}

  static async start(host = '127.0.0.1'): Promise<WireServer> {
    const directory = await mkdtemp(join(tmpdir(), 'wire-server-'));
    const identity = await createIdentity(directory);
    const server = createServer({ key: identity.key, cert: identity.cert });
    const self = new WireServer(identity, server, directory);
    server.on('tlsClientError', (error) => self.handshakeFailures.push(error));
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => self.answer({ body: Buffer.concat(chunks).toString(), headers: request.headers }, response));
    });
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    return self;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.directory, { recursive: true, force: true });
  }

  private answer({ body, headers }: { body: string; headers: IncomingHttpHeaders }, response: ServerResponse): void {
    const method = /Body>\s*<(?:\w+:)?(\w+)/.exec(body)?.[1] ?? '';
    const request = { method, body, headers };
    this.requests.push(request);
    const reply = this.handler(request, response);
    if (reply === 'handled') return;
    response.writeHead(reply.status ?? 200, { 'content-type': 'text/xml', ...reply.headers });
    response.end(reply.body);
  }
}
