import { type AuthorizedCall, type Call, Refusal, type Reply } from './message.js';

/** One operation of a service. `{name}` in the pattern takes one path segment. */
export interface Route {
  readonly method: string;
  readonly pattern: string;
  /** First minor microversion that knows the operation. */
  readonly since?: number;
  /** No token needed: version documents and logging in. */
  readonly open?: boolean;
  /** What the request names is looked up before the policy, which the handler asks then. */
  readonly looksUpFirst?: boolean;
  readonly handle: (call: Call) => Reply;
}

/** A route that needs a token. */
export function secured(method: string, pattern: string, handle: (call: AuthorizedCall) => Reply, since?: number): Route {
  return {
    method,
    pattern,
    ...(since === undefined ? {} : { since }),
    handle: (call) => {
      if (call.token === undefined) throw new Error(`${method} ${pattern} was called without a token`);
      return handle(call as AuthorizedCall);
    },
  };
}

export const lookingUpFirst = (route: Route): Route => ({ ...route, looksUpFirst: true });

/** A route that answers without a token. */
export const open = (method: string, pattern: string, handle: (call: Call) => Reply): Route => ({
  method,
  pattern,
  open: true,
  handle,
});

export interface RouteMatch {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** The first route that fits, or undefined: the caller answers 404 as the service does. */
export function matchRoute(routes: readonly Route[], method: string, path: string): RouteMatch | undefined {
  const segments = splitPath(path);
  for (const route of routes) {
    if (route.method !== method) continue;
    const params = matchPattern(splitPath(route.pattern), segments);
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

/** Refuses a microversion older than the operation, in the words Cinder and Nova share. */
export function requireVersion(route: Route, major: number, minor: number): void {
  if (route.since === undefined || minor >= route.since) return;
  throw new Refusal(404, `API version ${major}.${minor} is not supported on this method.`);
}

const splitPath = (path: string) => path.split('/').filter((segment) => segment !== '');

function matchPattern(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] as string;
    if (part.startsWith('{')) params[part.slice(1, -1)] = segment;
    else if (part !== segment) return undefined;
  }
  return params;
}
