import type { ProviderError } from '../../../contracts/provider-error.js';
import type { Clock } from '../../../host/clock.js';
import { uninterrupted, untilInterrupted } from '../../../host/interruption.js';
import { Secret } from '../../../host/secret.js';
import type { CloudConfig } from '../config/cloud-config.js';
import { type CallSite, invalidAnswer, type RemoteAnswer, refusal, refusedLogin, silence } from './errors.js';
import { JsonCursor } from './json-cursor.js';
import { loginRequest } from './login-request.js';
import { withRetries } from './retry.js';
import { type CatalogEndpoint, decodeCatalog } from './service-catalog.js';
import type { Transport } from './transport.js';

/** A token with what came with it. */
export interface Login {
  readonly token: Secret;
  readonly projectId: string;
  /** Names of the user's roles on the project. */
  readonly roles: readonly string[];
  readonly catalog: readonly CatalogEndpoint[];
  /** Our clock, milliseconds: from then on a new one is fetched before a call. */
  readonly renewAt: number;
}

const RENEW_BEFORE_MS = 120_000;

export interface SessionParts {
  readonly provider: string;
  readonly cloud: CloudConfig;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: () => number;
}

/** One login to Keystone, shared by all calls and renewed by whoever notices first; the others wait for the same answer. */
export class Session {
  private current: Login | undefined;
  private pending: Promise<Login> | undefined;
  private refused: ProviderError | undefined;

  constructor(private readonly parts: SessionParts) {}

  async login(): Promise<Login> {
    if (this.current !== undefined && this.parts.clock.monotonicMs() < this.current.renewAt) return this.current;
    return this.fresh();
  }

  /** After a 401 with `stale`. When another call has renewed it meanwhile, that login is the answer. */
  async renew(stale: Login): Promise<Login> {
    return this.current !== undefined && this.current !== stale ? this.current : this.fresh();
  }

  private fresh(): Promise<Login> {
    this.pending ??= uninterrupted(() => this.fetch()).finally(() => {
      this.pending = undefined;
    });
    return untilInterrupted(this.pending);
  }

  private async fetch(): Promise<Login> {
    if (this.refused !== undefined) throw this.refused;
    const { cloud, transport, provider, clock, random } = this.parts;
    const site: CallSite = { provider, call: 'POST /auth/tokens' };
    const url = `${cloud.authUrl}/auth/tokens`;
    const headers = { accept: 'application/json', 'content-type': 'application/json' };
    const body = JSON.stringify(loginRequest(cloud.credentials));
    const send = (): Promise<RemoteAnswer> => transport.send({ method: 'POST', url, headers, body });
    const answer = await withRetries(send, { repeatable: true, clock, random }).catch((error: unknown) => {
      throw silence(site, error, url);
    });
    if (answer.status === 401) {
      this.refused = refusedLogin(site, answer, cloud.origin);
      throw this.refused;
    }
    if (answer.status !== 201 && answer.status !== 200) throw refusal(site, answer);
    this.current = decodeLogin(site, answer, clock.monotonicMs());
    return this.current;
  }
}

/** Lifetime is counted from the moment of the answer: the cloud's clock may be off, and ours may be set. */
function decodeLogin(site: CallSite, answer: RemoteAnswer, now: number): Login {
  const value = answer.headers['x-subject-token'];
  if (value === undefined || value === '') throw invalidAnswer(site, 'there is no X-Subject-Token header');
  const token = JsonCursor.parse(site, answer).at('token');
  const lifetimeMs = Date.parse(token.at('expires_at').text()) - Date.parse(token.at('issued_at').text());
  if (!Number.isFinite(lifetimeMs)) throw token.at('expires_at').unexpected('a time');
  return {
    token: new Secret(value),
    projectId: token.at('project').at('id').text(),
    roles: token
      .at('roles')
      .optionalList()
      .map((role) => role.at('name').text()),
    catalog: decodeCatalog(token.at('catalog').list()),
    renewAt: now + lifetimeMs - Math.min(RENEW_BEFORE_MS, lifetimeMs / 4),
  };
}
