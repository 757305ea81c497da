import { createHash } from 'node:crypto';
import { basicCredentials } from './credentials.js';
import { type Dialect, isObject, jsonAnswer, jsonOf, type StateAnswer, type StateRequest } from './exchange.js';
import { append, type LockInfo, latestOf, type StateStore, type StoredState } from './state-store.js';

export interface TerraformDialectOptions {
  /** Basic authentication; without: everybody is let in. */
  readonly people?: readonly { readonly user: string; readonly password: string }[];
  /** What says that another holds the lock. Default 423. */
  readonly lockedStatus?: 409 | 423;
  /** What says that there is no state: Default 404; 200 comes with an empty body. */
  readonly emptyStatus?: 200 | 204 | 404;
  /** `false`: a server that knows no locks, and answers 405 to LOCK and UNLOCK. Default true. */
  readonly locks?: boolean;
}

const PREFIX = '/state';

/** The HTTP backend protocol as Terraform and OpenTofu speak it: one address for each state. */
export function terraformDialect(store: StateStore, options: TerraformDialectOptions): Dialect {
  return {
    prefix: PREFIX,
    nameOf: ({ path }) => nameIn(path),
    who: (request) => personOf(options, request),
    answer: (request) => refusedPerson(options, request) ?? routed(store, options, request),
  };
}

const personOf = ({ people }: TerraformDialectOptions, { headers }: StateRequest): string | undefined => {
  const given = basicCredentials(headers);
  return people?.find(({ user, password }) => user === given?.user && password === given.secret)?.user;
};

/** 401 for nobody, 403 for a wrong password: what the clients tell apart. */
function refusedPerson(options: TerraformDialectOptions, request: StateRequest): StateAnswer | undefined {
  if (options.people === undefined || personOf(options, request) !== undefined) return undefined;
  if (request.headers.authorization !== undefined) return { status: 403 };
  return { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="state"' } };
}

function routed(store: StateStore, options: TerraformDialectOptions, request: StateRequest): StateAnswer {
  const name = nameIn(request.path);
  if (name === undefined) return { status: 404 };
  switch (request.method) {
    case 'GET':
      return read(store.find(name), options);
    case 'POST':
    case 'PUT':
      return write(store.findOrCreate(name), options, request);
    case 'DELETE':
      return remove(store, name, { options, request });
    case 'LOCK':
      return options.locks === false ? { status: 405 } : lock(store.findOrCreate(name), options, request);
    case 'UNLOCK':
      return options.locks === false ? { status: 405 } : unlock(store.findOrCreate(name), options, request);
    default:
      return { status: 405 };
  }
}

/** Everything behind the prefix is the name, slashes too. */
const nameIn = (path: string): string | undefined =>
  path.startsWith(`${PREFIX}/`) ? decodeURIComponent(path.slice(PREFIX.length + 1)) || undefined : undefined;

function read(state: StoredState | undefined, { emptyStatus = 404 }: TerraformDialectOptions): StateAnswer {
  const bytes = state === undefined ? undefined : latestOf(state);
  if (bytes === undefined) return { status: emptyStatus };
  return { status: 200, headers: { 'Content-Type': 'application/json', 'Content-MD5': md5Of(bytes) }, body: bytes };
}

export const md5Of = (bytes: Buffer): string => createHash('md5').update(bytes).digest('base64');

function write(state: StoredState, options: TerraformDialectOptions, request: StateRequest): StateAnswer {
  const promised = request.headers['content-md5'];
  if (promised !== undefined && promised !== md5Of(request.body)) return jsonAnswer(400, { error: 'Content-MD5 does not match' });
  const refusal = heldByAnother(state, options, request.query.get('ID'));
  if (refusal !== undefined) return refusal;
  append(state, request.body);
  return { status: 200 };
}

function remove(
  store: StateStore,
  name: string,
  { options, request }: { options: TerraformDialectOptions; request: StateRequest },
): StateAnswer {
  const state = store.find(name);
  if (state === undefined) return { status: 404 };
  const refusal = heldByAnother(state, options, request.query.get('ID'));
  if (refusal === undefined) state.versions.clear();
  return refusal ?? { status: 200 };
}

/** A lock is checked when there is one: whoever writes without one is let through, even one who believes to hold it. */
const heldByAnother = (
  { lock: held }: StoredState,
  { lockedStatus = 423 }: TerraformDialectOptions,
  id: string | null,
): StateAnswer | undefined => (held === undefined || held.ID === id ? undefined : jsonAnswer(lockedStatus, held));

/** Not re-entrant: the holder who asks again is told its own lock. */
function lock(state: StoredState, { lockedStatus = 423 }: TerraformDialectOptions, { body }: StateRequest): StateAnswer {
  const wanted = lockInfoOf(body);
  if (wanted === undefined) return jsonAnswer(400, { error: 'the lock info has no ID' });
  if (state.lock !== undefined) return jsonAnswer(lockedStatus, state.lock);
  state.lock = wanted;
  return { status: 200 };
}

/** An empty body is what `terraform force-unlock` sends: it frees whatever is held. */
function unlock(state: StoredState, options: TerraformDialectOptions, { body, query }: StateRequest): StateAnswer {
  const given = lockInfoOf(body)?.ID ?? query.get('ID');
  if (body.length > 0 && given === null) return jsonAnswer(400, { error: 'the lock info has no ID' });
  const refusal = given === null ? undefined : heldByAnother(state, options, given);
  if (refusal === undefined) state.lock = undefined;
  return refusal ?? { status: 200 };
}

function lockInfoOf(body: Buffer): LockInfo | undefined {
  const info = jsonOf(body);
  return isObject(info) && typeof info.ID === 'string' && info.ID !== '' ? (info as LockInfo) : undefined;
}
