import type { Token } from '../identity/model.js';
import type { ServiceName } from './service-name.js';

/** One request, read, authenticated and matched to a route. */
export interface Call {
  readonly service: ServiceName;
  readonly method: string;
  /** Below the service's version prefix and project id, URL-decoded. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  /** Query parameters; of a repeated one the last counts, as in the real services. */
  readonly query: ReadonlyMap<string, string>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
  /** Minor microversion asked for: 59 for `volume 3.59`. */
  readonly version: number;
  readonly requestId: string;
  /** `http://127.0.0.1:PORT`, without a slash at its end. */
  readonly baseUrl: string;
  /** Absent on open routes only. */
  readonly token: Token | undefined;
}

/** One answer. `body` is sent as JSON, `text` as it is. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly text?: string;
  readonly contentType?: string;
}

/** A call whose route needs a token. */
export type AuthorizedCall = Call & { readonly token: Token };

/** The service says no. Each service writes it in its own way (`wire/refusal-body.ts`). */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Neutron's exception name. */
  readonly type: string | undefined;

  constructor(status: number, message: string, more: { headers?: Record<string, string>; type?: string } = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.headers = more.headers ?? {};
    this.type = more.type;
  }
}

export const badRequest = (message: string) => new Refusal(400, message);
export const notFound = (message: string) => new Refusal(404, message);
export const conflict = (message: string) => new Refusal(409, message);
/** What oslo.policy answers in Cinder and Nova. */
export const denied = (rule: string) => new Refusal(403, `Policy doesn't allow ${rule} to be performed.`);

export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
