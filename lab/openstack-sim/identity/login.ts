import { timingSafeEqual } from 'node:crypto';
import type { Cloud } from '../cloud.js';
import type { RoleName } from '../config.js';
import { badRequest, isObject, type JsonObject, Refusal } from '../wire/message.js';
import { withImplied } from './directory.js';
import type { ApplicationCredential, Project, Token, User } from './model.js';

const wrongCredentials = () => new Refusal(401, 'The request you have made requires authentication.');

const TOKEN_LIFETIME_MS = 3_600_000;

interface Proof {
  readonly user: User;
  readonly methods: readonly string[];
  readonly applicationCredential?: ApplicationCredential;
}

/** Checks a login body and issues a token. Refuses with 401 for anything that does not fit, without saying what. */
export function login(cloud: Cloud, body: unknown): Token {
  const auth = isObject(body) ? body['auth'] : undefined;
  const identity = isObject(auth) ? auth['identity'] : undefined;
  if (!isObject(auth) || !isObject(identity)) throw badRequest("'auth' is a required property");
  const proof = prove(cloud, identity);
  const { project, roles } = scopeOf(cloud, proof, auth['scope']);
  return issue(cloud, { ...proof, project, roles });
}

function prove(cloud: Cloud, identity: JsonObject): Proof {
  const methods = Array.isArray(identity['methods']) ? identity['methods'].map(String) : [];
  const details = (method: string) => (isObject(identity[method]) ? identity[method] : {});
  if (methods.includes('application_credential')) {
    const applicationCredential = findApplicationCredential(cloud, details('application_credential'));
    return { user: applicationCredential.user, methods, applicationCredential };
  }
  if (methods.includes('password')) return { user: findUserByPassword(cloud, details('password')['user']), methods };
  throw wrongCredentials();
}

function findUserByPassword(cloud: Cloud, claim: unknown): User {
  if (!isObject(claim)) throw badRequest("'user' is a required property");
  const user = findUser(cloud, claim);
  if (user === undefined || !sameSecret(user.password, claim['password'])) throw wrongCredentials();
  return user;
}

function findUser(cloud: Cloud, claim: JsonObject): User | undefined {
  const { users } = cloud.directory;
  if (typeof claim['id'] === 'string') return users.find(({ id }) => id === claim['id']);
  return users.find((user) => user.name === claim['name'] && isDomain(user.domain, claim['domain']));
}

function findApplicationCredential(cloud: Cloud, claim: JsonObject): ApplicationCredential {
  const all = [...cloud.directory.applicationCredentials.values()];
  const user = isObject(claim['user']) ? findUser(cloud, claim['user']) : undefined;
  const found = all.find(({ id, name, user: owner }) =>
    typeof claim['id'] === 'string' ? id === claim['id'] : name === claim['name'] && owner === user,
  );
  if (found === undefined || !sameSecret(found.secret, claim['secret'])) throw wrongCredentials();
  return found;
}

function scopeOf(cloud: Cloud, proof: Proof, scope: unknown): { project: Project | undefined; roles: readonly RoleName[] } {
  const { applicationCredential, user } = proof;
  if (applicationCredential !== undefined) {
    if (scope !== undefined) throw wrongCredentials();
    return { project: applicationCredential.project, roles: withImplied(applicationCredential.roles) };
  }
  if (scope === undefined || scope === 'unscoped') return { project: undefined, roles: [] };
  const claim = isObject(scope) ? scope['project'] : undefined;
  if (!isObject(claim)) throw wrongCredentials();
  const project = cloud.directory.projects.find(({ id, name, domain }) =>
    typeof claim['id'] === 'string' ? id === claim['id'] : name === claim['name'] && isDomain(domain, claim['domain']),
  );
  const roles = project === undefined ? undefined : user.roles.get(project.id);
  if (project === undefined || roles === undefined || roles.length === 0) throw wrongCredentials();
  return { project, roles: withImplied(roles) };
}

function isDomain(domain: { id: string; name: string }, claim: unknown): boolean {
  if (!isObject(claim)) return false;
  return typeof claim['id'] === 'string' ? domain.id === claim['id'] : domain.name === claim['name'];
}

function sameSecret(known: string, given: unknown): boolean {
  const left = Buffer.from(known);
  const right = Buffer.from(typeof given === 'string' ? given : '');
  return left.length === right.length && timingSafeEqual(left, right);
}

function issue(cloud: Cloud, grant: Proof & { project: Project | undefined; roles: readonly RoleName[] }): Token {
  const issuedMs = cloud.clock.now();
  const token: Token = {
    value: cloud.ids.token(),
    user: grant.user,
    project: grant.project,
    roles: grant.roles,
    methods: grant.methods,
    applicationCredential: grant.applicationCredential,
    issuedMs,
    expiresMs: issuedMs + TOKEN_LIFETIME_MS,
    auditId: cloud.ids.hex().slice(0, 22),
  };
  cloud.directory.tokens.set(token.value, token);
  return token;
}

/** The token if it is known and not yet expired. */
export function liveToken(cloud: Cloud, value: unknown): Token | undefined {
  const token = typeof value === 'string' ? cloud.directory.tokens.get(value) : undefined;
  return token !== undefined && token.expiresMs > cloud.clock.now() ? token : undefined;
}
