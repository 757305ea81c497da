import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The account that the token belongs to. */
const OWN = 99;

export interface ForgeComment {
  readonly id: number;
  body: string;
  updated_at: string;
  readonly user: { readonly login: string };
  readonly author: { readonly id: number };
}

/** What the pipelines ask of GitHub and of GitLab, as their references describe it: comments in pages, and what a merge came from. */
export class Forge implements AsyncDisposable {
  readonly comments: ForgeComment[] = [];
  /** Answers to a GET, by the end of its path. */
  readonly facts = new Map<string, unknown>([['/api/v4/user', { id: OWN }]]);
  readonly writes: string[] = [];

  private constructor(
    private readonly server: Server,
    private readonly token: string,
  ) {}

  static async start(token: string): Promise<Forge> {
    const server = createServer();
    const forge = new Forge(server, token);
    server.on('request', (request, response) => void forge.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // More than a page of what people say comes first.
    for (let n = 0; n < 130; n += 1) forge.add(`comment ${n}`, 'somebody', 1);
    return forge;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  add(body: string, login = 'github-actions[bot]', author = OWN): ForgeComment {
    const updated = new Date().toISOString();
    const comment = { id: 1000 + this.comments.length, body, updated_at: updated, user: { login }, author: { id: author } };
    this.comments.push(comment);
    return comment;
  }

  /** Comments of the pipeline's own account. */
  get own(): ForgeComment[] {
    return this.comments.filter(({ author }) => author.id === OWN);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body } = this.isKnown(request) ? this.answerTo(request, await textOf(request)) : { status: 401, body: {} };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  private isKnown({ headers }: IncomingMessage): boolean {
    return headers.authorization === `Bearer ${this.token}` || headers['private-token'] === this.token;
  }

  private answerTo({ method = 'GET', url = '/' }: IncomingMessage, text: string): { status: number; body: unknown } {
    const { pathname, searchParams } = new URL(url, this.url);
    if (method !== 'GET') this.writes.push(`${method} ${pathname}`);
    const list = /\/(issues|merge_requests)\/7\/(comments|notes)$/.test(pathname);
    if (method === 'GET' && list) return { status: 200, body: pageOf(this.comments, searchParams) };
    if (method === 'GET') return this.fact(`${pathname}${searchParams.has('name') ? `?name=${searchParams.get('name')}` : ''}`);
    const { body } = JSON.parse(text) as { body: string };
    if (body.length > 65_536) return { status: 422, body: { message: 'body is too long' } };
    if (method === 'POST' && list) return { status: 201, body: this.add(body) };
    return this.change(method, pathname, body);
  }

  private fact(path: string): { status: number; body: unknown } {
    const found = [...this.facts].find(([end]) => path.endsWith(end));
    return found === undefined ? { status: 404, body: { message: 'Not Found' } } : { status: 200, body: found[1] };
  }

  private change(method: string, path: string, body: string): { status: number; body: unknown } {
    const wanted = path.includes('/merge_requests/')
      ? /^PUT .*\/merge_requests\/7\/notes\/(\d+)$/
      : /^PATCH .*\/issues\/comments\/(\d+)$/;
    const comment = this.comments.find(({ id }) => `${id}` === wanted.exec(`${method} ${path}`)?.[1]);
    if (comment === undefined) return { status: 404, body: { message: 'Not Found' } };
    if (comment.author.id !== OWN) return { status: 403, body: { message: 'not yours' } };
    comment.body = body;
    comment.updated_at = new Date().toISOString();
    return { status: 200, body: comment };
  }
}

function pageOf<T>(list: readonly T[], query: URLSearchParams): T[] {
  const size = Number(query.get('per_page') ?? 20);
  const page = Number(query.get('page') ?? 1);
  return list.slice((page - 1) * size, page * size);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  return text;
}
