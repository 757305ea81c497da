import type { Clock } from '../../../host/clock.js';
import { isInterruption, uninterrupted, untilInterrupted } from '../../../host/interruption.js';
import type { CloudConfig, Service } from '../config/cloud-config.js';
import { type CallSite, invalidAnswer, type RemoteAnswer, refusal, silence, unsupported } from './errors.js';
import { JsonCursor } from './json-cursor.js';
import { choose, decodeOffer, formatMicroversion, type Microversion, microversionNeeds } from './microversion.js';
import { withRetries } from './retry.js';
import { endpointOf, regionOf } from './service-catalog.js';
import { type Login, Session } from './session.js';
import type { HttpRequest, Transport } from './transport.js';

export interface Call {
  readonly service: Service;
  readonly method: HttpRequest['method'];
  /** Below the endpoint: `/volumes/detail`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Whether sending it twice does the same as once. Default: all methods but POST. */
  readonly repeatable?: boolean;
}

/** Where a service is, and what every call to it carries. */
interface Endpoint {
  readonly url: string;
  /** What is asked for; undefined: the service has none. */
  readonly version?: Microversion;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ClientParts {
  readonly provider: string;
  readonly cloud: CloudConfig;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: () => number;
}

/**
 * Authenticated calls with bounded retries. All throw ProviderError; a POST whose outcome is not known throws transient
 * or invalid and is never sent again here (create-once.ts finds out what it did).
 */
export class CloudClient {
  readonly clock: Clock;
  private readonly session: Session;
  private readonly endpoints = new Map<Service, Promise<Endpoint>>();

  constructor(private readonly parts: ClientParts) {
    this.clock = parts.clock;
    this.session = new Session(parts);
  }

  site(call: string): CallSite {
    return { provider: this.parts.provider, call };
  }

  async projectId(): Promise<string> {
    return (await this.session.login()).projectId;
  }

  /** Names of the roles that the login has on the project. */
  async roles(): Promise<readonly string[]> {
    return (await this.session.login()).roles;
  }

  async region(): Promise<string | undefined> {
    return regionOf(this.parts.cloud, (await this.session.login()).catalog);
  }

  /** The microversion that calls to the service are made with; undefined: it has none. */
  async microversion(service: Service): Promise<Microversion | undefined> {
    return (await this.endpoint(service)).version;
  }

  /** For calls that answer with JSON. */
  async ask(call: Call): Promise<JsonCursor> {
    return JsonCursor.parse(this.site(nameOf(call)), await this.perform(call));
  }

  /** For calls whose answer, if any, says nothing. */
  async tell(call: Call): Promise<void> {
    await this.perform(call);
  }

  private async perform(call: Call): Promise<RemoteAnswer> {
    const { url, headers } = await this.endpoint(call.service);
    const query = call.query === undefined ? '' : `?${new URLSearchParams(call.query).toString()}`;
    const body = call.body === undefined ? {} : { body: JSON.stringify(call.body) };
    const request = { method: call.method, url: `${url}${call.path}${query}`, headers, ...body };
    const answer = await this.sendAuthenticated(request, nameOf(call), call.repeatable ?? call.method !== 'POST');
    if (answer.status < 200 || answer.status > 299) throw refusal(this.site(nameOf(call)), answer);
    return answer;
  }

  /** A 401 is answered with one new login and one more try: the call was not carried out. */
  private async sendAuthenticated(request: HttpRequest, call: string, repeatable: boolean): Promise<RemoteAnswer> {
    const login = await this.session.login();
    const first = await this.sendWith(login, request, { call, repeatable });
    return first.status === 401 ? this.sendWith(await this.session.renew(login), request, { call, repeatable }) : first;
  }

  private async sendWith(
    { token }: Login,
    request: HttpRequest,
    how: { call: string; repeatable: boolean },
  ): Promise<RemoteAnswer> {
    const headers = { ...request.headers, accept: 'application/json', 'x-auth-token': token.reveal() };
    const typed = request.body === undefined ? headers : { ...headers, 'content-type': 'application/json' };
    const send = (): Promise<RemoteAnswer> => this.parts.transport.send({ ...request, headers: typed });
    const { clock, random } = this.parts;
    return withRetries(send, { repeatable: how.repeatable, clock, random }).catch((error: unknown) => {
      throw isInterruption(error) ? error : silence(this.site(how.call), error, request.url);
    });
  }

  /** Looked up once for all who ask; a lookup that failed is tried again with the next call. */
  private endpoint(service: Service): Promise<Endpoint> {
    const known = this.endpoints.get(service) ?? this.lookUpEndpoint(service);
    return untilInterrupted(known);
  }

  private lookUpEndpoint(service: Service): Promise<Endpoint> {
    const found = uninterrupted(() => this.findEndpoint(service));
    this.endpoints.set(service, found);
    found.catch(() => this.endpoints.delete(service));
    return found;
  }

  private async findEndpoint(service: Service): Promise<Endpoint> {
    const login = await this.session.login();
    const { cloud } = this.parts;
    const url = endpointOf(service, cloud, login);
    if (url === undefined) {
      const where = [cloud.region && `region ${cloud.region}`, `interface ${cloud.interfaces[service]}`]
        .filter(Boolean)
        .join(', ');
      throw unsupported(this.site('POST /auth/tokens'), `the catalog has no ${service} service (${where})`, [
        `Check region_name and interface of the cloud in ${cloud.origin}.`,
      ]);
    }
    if (!isPlainUrl(url)) {
      throw invalidAnswer(
        this.site('POST /auth/tokens'),
        `the URL of the ${service} service, '${url}', is none that can be called`,
      );
    }
    const version = await this.chosenVersion(service, url);
    const headers: Record<string, string> =
      version === undefined ? {} : { 'openstack-api-version': `${service} ${formatMicroversion(version)}` };
    return { url, headers, ...(version !== undefined && { version }) };
  }

  private async chosenVersion(service: Service, url: string): Promise<Microversion | undefined> {
    const need = microversionNeeds[service];
    if (need === undefined) return undefined;
    const root = /^.*?\/v\d+(?:\.\d+)?(?=\/|$)/.exec(url)?.[0] ?? url;
    const call = `GET /${root.split('/').at(-1)}/`;
    const answer = await this.sendAuthenticated({ method: 'GET', url: `${root}/`, headers: {} }, call, true);
    // Version lists come as 300 Multiple Choices as well.
    if (answer.status !== 200 && answer.status !== 300) throw refusal(this.site(call), answer);
    const offered = decodeOffer(JsonCursor.parse(this.site(call), answer), need.least.major);
    if (offered === undefined)
      throw invalidAnswer(this.site(call), `the ${service} API names no microversions of ${need.least.major}.x`);
    const chosen = choose(need, offered);
    if (chosen !== undefined) return chosen;
    const range = `${formatMicroversion(offered.min)} to ${formatMicroversion(offered.max)}`;
    throw unsupported(
      this.site(call),
      `the ${service} API offers ${range}, but ${formatMicroversion(need.least)} is needed: ${need.reason}`,
    );
  }
}

/** Without user and password: what is called is told in messages. */
function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

const nameOf = ({ method, path }: Call): string => `${method} ${path}`;
