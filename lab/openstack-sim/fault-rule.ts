import type { ServiceName } from './wire/service-name.js';

/** What goes wrong. Exactly one of the kinds. */
export type FaultEffect =
  | { readonly status: number; readonly message?: string; readonly body?: unknown; readonly retryAfterSeconds?: number }
  | { readonly drop: true }
  | { readonly delayMs: number }
  /** The connection is cut at once, and the service does the work so much later: what a proxy holds on to when its client is gone. */
  | { readonly lateMs: number }
  /** A proxy's 503 page instead of the service's JSON. */
  | { readonly html503: true; readonly retryAfterSeconds?: number }
  /** The answer is cut after that many bytes and the connection closed. */
  | { readonly truncateBytes: number };

/** When and where something goes wrong. All conditions given must hold. */
export interface FaultRule {
  readonly id?: string;
  readonly service?: ServiceName;
  readonly method?: string;
  /** Regular expression searched in the path with query, as sent: `/volume/v3/<project>/volumes?limit=1`. */
  readonly path?: string;
  /** Only the nth matching call, counted from 1. */
  readonly nth?: number;
  /** Only the first so many matching calls. Without nth and times: every call. */
  readonly times?: number;
  /** `before` (default): the service never sees the request. `after`: it has done the work, the answer is lost. */
  readonly when?: 'before' | 'after';
  readonly do: FaultEffect;
}
