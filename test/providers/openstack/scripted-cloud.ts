import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secret } from '../../../src/host/secret.js';
import type { CloudConfig } from '../../../src/providers/openstack/config/cloud-config.js';

/** What one request gets. `drop` closes the connection without an answer. */
export type ScriptedAnswer =
  | 'drop'
  | { readonly status?: number; readonly json?: unknown; readonly text?: string; readonly headers?: Record<string, string> };

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** A promise: the answer takes its time. */
export type Script = (request: ReceivedRequest) => ScriptedAnswer | Promise<ScriptedAnswer>;

export const PASSWORD = 'correct horse battery staple';
export const PROJECT_ID = '0123456789abcdef0123456789abcdef';

const answers =
  (value: ScriptedAnswer): Script =>
  () =>
    value;

/**
 * A tiny cloud at the wire, for answers that a well-behaved one does not give: Keystone and version documents are right,
 * everything else is scripted. Keys of the script are `METHOD /path` below the service and project.
 */
export class ScriptedCloud implements AsyncDisposable {
  readonly requests: ReceivedRequest[] = [];
  /** Tokens handed out so far are refused when this is raised. */
  tokensRefused = 0;
  logins = 0;
  lifetimeSeconds = 3600;
  readonly script = new Map<string, Script>();
  private readonly server = createServer((request, response) => void this.serve(request, response));
  private port = 0;

  static async start(script: Readonly<Record<string, Script | ScriptedAnswer>> = {}): Promise<ScriptedCloud> {
    const cloud = new ScriptedCloud();
    await new Promise<void>((resolve) => cloud.server.listen(0, '127.0.0.1', resolve));
    cloud.port = (cloud.server.address() as AddressInfo).port;
    cloud.script.set('POST /identity/v3/auth/tokens', () => cloud.login());
    cloud.script.set('GET /volume/v3/', answers({ status: 300, json: versions('v3.0', '3.0', '3.70') }));
    cloud.script.set('GET /compute/v2.1/', answers({ json: { version: { id: 'v2.1', version: '2.93', min_version: '2.1' } } }));
    for (const [key, value] of Object.entries(script)) cloud.on(key, value);
    return cloud;
  }

  on(key: string, value: Script | ScriptedAnswer): void {
    this.script.set(key, typeof value === 'function' ? value : answers(value));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  config(change: Partial<CloudConfig> = {}): CloudConfig {
    return {
      name: 'scripted',
      origin: '/etc/openstack/clouds.yaml',
      authUrl: `${this.url}/identity/v3`,
      credentials: {
        kind: 'password',
        user: { name: 'demo', domain: { id: 'default' } },
        password: new Secret(PASSWORD),
        project: { name: 'demo', domain: { id: 'default' } },
      },
      interfaces: { volume: 'public', compute: 'public', network: 'public', image: 'public' },
      endpointOverrides: {},
      tls: { verify: true },
      ...change,
    };
  }

  count(key: string): number {
    return this.requests.filter(({ method, path }) => `${method} ${path}` === key).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private login(): ScriptedAnswer {
    this.logins++;
    const issued = Date.UTC(2020, 0, 1);
    const endpoints = (path: string) => [
      { interface: 'public', region: 'RegionOne', region_id: 'RegionOne', url: `${this.url}${path}` },
    ];
    return {
      status: 201,
      headers: { 'x-subject-token': `token-${this.logins}` },
      json: {
        token: {
          issued_at: new Date(issued).toISOString(),
          expires_at: new Date(issued + this.lifetimeSeconds * 1000).toISOString(),
          project: { id: PROJECT_ID, name: 'demo' },
          catalog: [
            { type: 'volumev3', endpoints: endpoints(`/volume/v3/${PROJECT_ID}`) },
            { type: 'compute', endpoints: endpoints('/compute/v2.1') },
            { type: 'network', endpoints: endpoints('/network') },
          ],
        },
      },
    };
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const url = new URL(request.url ?? '/', this.url);
    const path = url.pathname
      .replace(`/v3/${PROJECT_ID}`, '')
      .replace(/^\/(compute\/v2\.1|network\/v2\.0)(?=\/.)/, (prefix) => prefix.replace(/\/v.*/, ''));
    const received = { method: request.method ?? '', path, query: url.searchParams, headers: request.headers, text };
    this.requests.push(received);
    this.reply(response, await this.answerTo(received));
  }

  private answerTo(request: ReceivedRequest): ScriptedAnswer | Promise<ScriptedAnswer> {
    const token = Number(String(request.headers['x-auth-token'] ?? '').replace('token-', ''));
    const isLogin = request.path === '/identity/v3/auth/tokens';
    if (!isLogin && token <= this.tokensRefused) return { status: 401, json: { error: { code: 401, message: 'expired' } } };
    const script = this.script.get(`${request.method} ${request.path}`);
    return script === undefined ? { status: 404, json: { itemNotFound: { code: 404, message: 'no script' } } } : script(request);
  }

  private reply(response: ServerResponse, answer: ScriptedAnswer): void {
    if (answer === 'drop') {
      response.destroy();
      return;
    }
    const { status = 200, json, text = json === undefined ? '' : JSON.stringify(json), headers = {} } = answer;
    response.writeHead(status, { 'content-type': 'application/json', 'x-openstack-request-id': 'req-1', ...headers }).end(text);
  }
}

const versions = (id: string, min_version: string, version: string): object => ({ versions: [{ id, version, min_version }] });

/** Answers in turn; the last one stays. */
export function inTurn(...turns: readonly ScriptedAnswer[]): Script {
  let turn = 0;
  return () => turns[Math.min(turn++, turns.length - 1)]!;
}
