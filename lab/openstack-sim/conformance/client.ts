/** A cloud as the conformance rows see it: nothing but its public APIs. */
export interface ConformanceClient {
  readonly projectId: string;
  /** Calls a service of the catalog; the path is below its endpoint, version included for image and network. */
  call(service: ServiceType, method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Lets some time pass, real or simulated. */
  pause(): Promise<void>;
}

export type ServiceType = 'identity' | 'volumev3' | 'compute' | 'network' | 'image';

export interface CallOptions {
  readonly body?: unknown;
  /** Microversion, such as 3.59 or 2.93. */
  readonly version?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: rows read answers of many shapes, and compare what they find.
  readonly body: any;
}

export interface Login {
  readonly authUrl: string;
  readonly user: string;
  readonly password: string;
  readonly project: string;
  readonly domain?: string;
}

const versionWords: Partial<Record<ServiceType, string>> = { volumev3: 'volume', compute: 'compute' };

/** Logs in with a password and reads the endpoints from the catalog. Rejects with the status when the login fails. */
export async function connectClient(login: Login, pause: () => Promise<void>): Promise<ConformanceClient> {
  const domain = { name: login.domain ?? 'Default' };
  const identity = { methods: ['password'], password: { user: { name: login.user, domain, password: login.password } } };
  const auth = { identity, scope: { project: { name: login.project, domain } } };
  const response = await fetch(`${login.authUrl}/auth/tokens`, json('POST', { auth }));
  if (response.status !== 201) throw new Error(`login of ${login.user} failed with ${response.status}`);
  const { token } = (await response.json()) as { token: { project: { id: string }; catalog: CatalogEntry[] } };
  const tokenValue = response.headers.get('X-Subject-Token') ?? '';
  return {
    projectId: token.project.id,
    pause,
    async call(service, method, path, { body, version } = {}) {
      const url = service === 'identity' ? login.authUrl : endpointOf(token.catalog, service);
      const word = versionWords[service];
      const request = json(method, body, {
        'X-Auth-Token': tokenValue,
        ...(word !== undefined && version !== undefined && { 'OpenStack-API-Version': `${word} ${version}` }),
      });
      return readAnswer(await fetch(url + path, request));
    },
  };
}

interface CatalogEntry {
  readonly type: string;
  readonly endpoints: readonly { readonly interface: string; readonly url: string }[];
}

function endpointOf(catalog: readonly CatalogEntry[], type: ServiceType): string {
  const entry = catalog.find((candidate) => candidate.type === type);
  const url = entry?.endpoints.find((endpoint) => endpoint.interface === 'public')?.url;
  if (url === undefined) throw new Error(`the catalog has no ${type}`);
  return url.replace(/\/$/, '');
}

function json(method: string, body?: unknown, headers: Record<string, string> = {}): RequestInit {
  if (body === undefined) return { method, headers };
  return { method, headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = response.headers.get('Content-Type')?.includes('json') === true;
  return { status: response.status, headers: response.headers, body: isJson && text !== '' ? JSON.parse(text) : text };
}
