import type { IncomingHttpHeaders } from 'node:http';

/** One request, read to its end. */
export interface StateRequest {
  readonly method: string;
  /** As sent, with the query. */
  readonly target: string;
  /** Still URL-encoded, so that a slash in a name can be told from one between names. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface StateAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** How a server of one kind answers, and whom it takes the caller for. */
export interface Dialect {
  /** Where states are, below the server's address; `/NAME` follows. */
  readonly prefix: string;
  answer(request: StateRequest): StateAnswer;
  /** Name of the state the request is about. */
  nameOf(request: StateRequest): string | undefined;
  /** Name of whoever calls; undefined for nobody it knows. */
  who(request: StateRequest): string | undefined;
}

export const jsonAnswer = (status: number, value: unknown): StateAnswer => ({
  status,
  headers: { 'Content-Type': 'application/json' },
  body: Buffer.from(JSON.stringify(value)),
});

/** The value, or undefined when the bytes are no JSON. */
export function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** A JSON object, with the keys that count here. */
export interface JsonObject {
  readonly ID?: unknown;
  readonly serial?: unknown;
  readonly [key: string]: unknown;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
