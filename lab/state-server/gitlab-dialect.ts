import { type Dialect, isObject, type JsonObject, jsonAnswer, jsonOf, type StateAnswer, type StateRequest } from './exchange.js';
import { callerOf, type GitLabPerson } from './gitlab-access.js';
import type { GitLabCall } from './gitlab-call.js';
import { lockState, unlockState } from './gitlab-lock.js';
import { readState, removeState, writeState } from './gitlab-state.js';
import type { StateStore } from './state-store.js';

export interface GitLabDialectOptions {
  readonly people: readonly GitLabPerson[];
  /** Id, or path as it stands in the address: `group%2Fproject`. Default `42`. */
  readonly project?: string;
  /** Larger bodies are refused. Default: no limit. */
  readonly stateBytesMax?: number;
}

const LOCK_ID_MAX = 255;
const NAME_MAX = 255;

/** GitLab's API of Terraform states: what its published code of 18.5 does. */
export function gitlabDialect(store: StateStore, options: GitLabDialectOptions): Dialect {
  const prefix = `/api/v4/projects/${options.project ?? '42'}/terraform/state`;
  return {
    prefix,
    nameOf: ({ path }) => routeOf(path)?.name,
    who: (request) => callerOf(options.people, request)?.user,
    answer: (request) => {
      const route = routeOf(request.path);
      if (route === undefined) return jsonAnswer(404, { error: '404 Not Found' });
      const caller = callerOf(options.people, request);
      const refusal = refused(caller, { request, isProject: route.prefix === prefix });
      if (refusal !== undefined || caller === undefined) return refusal ?? unauthorized;
      const params = paramsOf(request, route.isLock);
      const stateBytesMax = options.stateBytesMax ?? Number.POSITIVE_INFINITY;
      return called({ store, name: route.name, caller, request, params, stateBytesMax }, route.isLock);
    },
  };
}

interface Route {
  readonly prefix: string;
  readonly name: string;
  readonly isLock: boolean;
}

/** Names are anything without a slash; an encoded one is part of the name. */
function routeOf(path: string): Route | undefined {
  const found = /^(\/api\/v4\/projects\/[^/]+\/terraform\/state)\/([^/]+)(\/lock)?$/.exec(path);
  const [, prefix, name, lock] = found ?? [];
  if (prefix === undefined || name === undefined) return undefined;
  return { prefix, name: decodeURIComponent(name), isLock: lock !== undefined };
}

const unauthorized = jsonAnswer(401, { message: '401 Unauthorized' });
const forbidden = jsonAnswer(403, { message: '403 Forbidden' });

function refused(
  caller: GitLabPerson | undefined,
  { request, isProject }: { request: StateRequest; isProject: boolean },
): StateAnswer | undefined {
  if (caller === undefined) return unauthorized;
  const role = caller.role ?? 'maintainer';
  if (!isProject || role === 'none') return jsonAnswer(404, { message: '404 Project Not Found' });
  if (role === 'maintainer' || (role === 'developer' && request.method === 'GET')) return undefined;
  return forbidden;
}

/** A state's own body is no parameter: it is handed on as a file. */
function paramsOf({ query, body }: StateRequest, isLock: boolean): JsonObject {
  const inBody = isLock ? jsonOf(body) : undefined;
  return { ...Object.fromEntries(query), ...(isObject(inBody) && inBody) };
}

function called(call: GitLabCall, isLock: boolean): StateAnswer {
  if (call.name.length > NAME_MAX) return jsonAnswer(400, { error: 'name is too long (maximum is 255 characters)' });
  if (String(call.params.ID ?? '').length > LOCK_ID_MAX)
    return jsonAnswer(400, { error: 'ID is too long (maximum is 255 characters)' });
  const answer = (isLock ? lockRoutes : stateRoutes)[call.request.method];
  return answer === undefined ? jsonAnswer(405, { error: '405 Not Allowed' }) : answer(call);
}

const stateRoutes: Readonly<Record<string, (call: GitLabCall) => StateAnswer>> = {
  GET: readState,
  POST: writeState,
  DELETE: removeState,
};
const lockRoutes: Readonly<Record<string, (call: GitLabCall) => StateAnswer>> = { POST: lockState, DELETE: unlockState };
