import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** An HTTP proxy on loopback: passes on what is asked for by CONNECT, and counts it. May want a login, and may refuse. */
export class ConnectProxy implements AsyncDisposable {
  /** What it was asked to connect to, refusals included: `HOST:PORT`. */
  readonly asked: string[] = [];
  /** `USER:PASSWORD`; undefined: anybody. */
  login: string | undefined;
  /** Status for everybody. */
  refusesWith: number | undefined;
  private readonly sockets = new Set<Duplex>();

  private constructor(private readonly server: Server) {
    server.on('connect', (request: IncomingMessage, socket: Duplex) => this.passOn(request, socket));
  }

  static async start(): Promise<ConnectProxy> {
    const server = createServer((_request, response) => response.writeHead(405).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new ConnectProxy(server);
  }

  /** `127.0.0.1:PORT` */
  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private passOn({ url = '', headers }: IncomingMessage, socket: Duplex): void {
    this.asked.push(url);
    this.keep(socket);
    const wanted = this.login === undefined ? undefined : `Basic ${Buffer.from(this.login).toString('base64')}`;
    const isWelcome = wanted === undefined || headers['proxy-authorization'] === wanted;
    const status = this.refusesWith ?? (isWelcome ? undefined : 407);
    if (status !== undefined) return void socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 5\r\n\r\nsorry`);
    const [, host, port] = /^\[?([^\]]*)\]?:(\d+)$/.exec(url)!;
    const onward: Socket = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    this.keep(onward);
  }

  private keep(socket: Duplex): void {
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.sockets.delete(socket));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
