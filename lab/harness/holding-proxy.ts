import { createServer, type IncomingMessage, request as passOn, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';

/** Which requests it is about: the end of a path, such as `/servers`. */
interface Late {
  readonly method: string;
  readonly pathEnds: string;
}

/**
 * An HTTP proxy on loopback that reads what goes through it. The first request of one kind is kept, whole, until the next of that kind
 * comes, which is passed on when the first was answered: the cloud carries out what a dead client asked for right before the same is asked
 * for by its successor.
 */
export class HoldingProxy implements AsyncDisposable {
  private readonly inner = createServer((request, response) => void this.serve(request, response));
  private readonly goals = new WeakMap<Duplex, URL>();
  private readonly sockets = new Set<Duplex>();
  /** Resolves when the first request of the kind is here, and on its way no further. */
  readonly holds: Promise<void>;
  private tell: () => void = () => undefined;
  private release: (() => Promise<void>) | undefined;
  /** Answers of the kept request and of those of its kind that came after it, in order. */
  readonly answers: number[] = [];

  private constructor(
    private readonly outer: Server,
    private readonly late: Late,
  ) {
    this.holds = new Promise((resolve) => {
      this.tell = resolve;
    });
    outer.on('connect', ({ url = '' }: IncomingMessage, socket: Duplex) => this.open(new URL(`http://${url}`), socket));
  }

  static async start(late: Late): Promise<HoldingProxy> {
    const outer = createServer((_request, response) => response.writeHead(405).end());
    await new Promise<void>((resolve) => outer.listen(0, '127.0.0.1', resolve));
    return new HoldingProxy(outer, late);
  }

  /** By which a command sends its requests to plain HTTP endpoints through it. */
  get environment(): Readonly<Record<string, string>> {
    return { http_proxy: `http://127.0.0.1:${(this.outer.address() as AddressInfo).port}`, no_proxy: '' };
  }

  private open(goal: URL, socket: Duplex): void {
    this.goals.set(socket, goal);
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.sockets.delete(socket));
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    this.inner.emit('connection', socket);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const goal = this.goals.get(request.socket as Socket)!;
    const body = await buffer(request);
    const send = () => this.sendOn(goal, { request, body, response });
    if (request.method !== this.late.method || !request.url?.endsWith(this.late.pathEnds)) return void (await send());
    const count = async () => void this.answers.push(await send());
    if (this.release === undefined) {
      this.release = count;
      return this.tell();
    }
    if (this.answers.length === 0) await this.release();
    await count();
  }

  /** Resolves with the status when all of the answer is there. Whoever asked may be gone. */
  private async sendOn(
    { hostname, port }: URL,
    { request, body, response }: { request: IncomingMessage; body: Buffer; response: ServerResponse },
  ): Promise<number> {
    const { method, url, headers } = request;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      passOn({ host: hostname, port, method, path: url, headers, agent: false }, resolve).on('error', reject).end(body);
    });
    const text = await buffer(answer);
    const { 'transfer-encoding': _, ...told } = answer.headers;
    if (!response.destroyed) response.writeHead(answer.statusCode!, { ...told, 'content-length': text.length }).end(text);
    return answer.statusCode!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.outer.close(resolve));
  }
}
