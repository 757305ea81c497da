import { isoMicroseconds } from '../clock.js';
import type { Cloud } from '../cloud.js';
import { hexOf } from '../ids.js';
import { objectIn } from '../wire/body-check.js';
import { type AuthorizedCall, type Call, notFound, Refusal, type Reply } from '../wire/message.js';
import { open, type Route, secured } from '../wire/route.js';
import { catalogFor } from './catalog.js';
import { liveToken, login } from './login.js';
import type { ApplicationCredential, Token } from './model.js';

/** Keystone v3, as far as a client logs in and looks around. */
export function identityRoutes(cloud: Cloud): Route[] {
  return [
    open('GET', '/', ({ baseUrl }) => ({ status: 300, body: { versions: { values: [versionDocument(baseUrl)] } } })),
    open('GET', '/v3', ({ baseUrl }) => ({ status: 200, body: { version: versionDocument(baseUrl) } })),
    open('POST', '/v3/auth/tokens', (call) => {
      const token = login(cloud, call.body);
      return {
        status: 201,
        headers: { 'X-Subject-Token': token.value, Vary: 'X-Auth-Token' },
        body: tokenView(cloud, token, call),
      };
    }),
    secured('GET', '/v3/auth/tokens', (call) => showToken(cloud, call)),
    secured('HEAD', '/v3/auth/tokens', (call) => ({ ...showToken(cloud, call), body: undefined })),
    secured('DELETE', '/v3/auth/tokens', (call) => {
      cloud.directory.tokens.delete(subjectToken(cloud, call).value);
      return { status: 204 };
    }),
    secured('GET', '/v3/auth/catalog', (call) => ({ status: 200, body: { catalog: catalogOf(cloud, call.token, call) ?? [] } })),
    secured('GET', '/v3/auth/projects', ({ token }) => ({
      status: 200,
      body: { projects: projectsOf(cloud, token), links: {} },
    })),
    ...applicationCredentialRoutes(cloud),
  ];
}

function applicationCredentialRoutes(cloud: Cloud): Route[] {
  const { applicationCredentials } = cloud.directory;
  const path = '/v3/users/{user}/application_credentials';
  return [
    secured('POST', path, (call) => createApplicationCredential(cloud, call)),
    secured('GET', path, ({ token }) => {
      const own = [...applicationCredentials.values()].filter(({ user }) => user === token.user);
      return { status: 200, body: { application_credentials: own.map(credentialView), links: {} } };
    }),
    secured('DELETE', `${path}/{id}`, (call) => {
      refuseCredentialLogin(call.token);
      const id = call.params['id'] as string;
      if (applicationCredentials.get(id)?.user !== call.token.user) {
        throw notFound(`Could not find Application Credential: ${id}.`);
      }
      // Tokens made with it live on: the services cache them.
      applicationCredentials.delete(id);
      return { status: 204 };
    }),
  ];
}

function createApplicationCredential(cloud: Cloud, { token, body }: AuthorizedCall): Reply {
  refuseCredentialLogin(token);
  const wanted = objectIn(body, 'application_credential');
  if (token.project === undefined) throw new Refusal(403, 'You are not authorized to perform the requested action.');
  const credential: ApplicationCredential = {
    id: cloud.ids.hex(),
    name: String(wanted['name']),
    secret: typeof wanted['secret'] === 'string' ? wanted['secret'] : cloud.ids.token(),
    user: token.user,
    project: token.project,
    roles: token.roles,
  };
  cloud.directory.applicationCredentials.set(credential.id, credential);
  return { status: 201, body: { application_credential: { ...credentialView(credential), secret: credential.secret } } };
}

function refuseCredentialLogin(token: Token): void {
  if (token.applicationCredential === undefined) return;
  const reason = "Using method 'application_credential' is not allowed for managing additional application credentials.";
  throw new Refusal(403, reason);
}

const credentialView = ({ id, name, project, roles }: ApplicationCredential) => ({
  id,
  name,
  project_id: project.id,
  roles: roles.map((role) => ({ name: role })),
  expires_at: null,
  description: null,
  unrestricted: false,
});

function showToken(cloud: Cloud, call: AuthorizedCall): Reply {
  const token = subjectToken(cloud, call);
  return { status: 200, headers: { 'X-Subject-Token': token.value }, body: tokenView(cloud, token, call) };
}

function subjectToken(cloud: Cloud, call: AuthorizedCall): Token {
  const token = liveToken(cloud, call.headers['x-subject-token']);
  if (token === undefined) throw notFound('Could not find token.');
  return token;
}

const projectsOf = (cloud: Cloud, { user }: Token) =>
  cloud.directory.projects
    .filter(({ id }) => user.roles.has(id))
    .map(({ id, name, domain }) => ({ id, name, domain_id: domain.id, enabled: true, is_domain: false, tags: [] }));

const catalogOf = (cloud: Cloud, token: Token, { baseUrl }: Call) =>
  token.project === undefined ? undefined : catalogFor(cloud, { baseUrl, projectId: token.project.id });

function tokenView(cloud: Cloud, token: Token, call: Call): object {
  const { user, project, applicationCredential } = token;
  const { seed } = cloud.config;
  return {
    token: {
      methods: token.methods,
      user: { domain: user.domain, id: user.id, name: user.name, password_expires_at: null },
      audit_ids: [token.auditId],
      expires_at: `${isoMicroseconds(token.expiresMs)}Z`,
      issued_at: `${isoMicroseconds(token.issuedMs)}Z`,
      ...(project && {
        project: { domain: project.domain, id: project.id, name: project.name },
        is_domain: false,
        roles: token.roles.map((name) => ({ id: hexOf(seed, `role ${name}`), name })),
        catalog: catalogOf(cloud, token, call),
      }),
      ...(applicationCredential && {
        application_credential: { id: applicationCredential.id, name: applicationCredential.name, restricted: true },
      }),
    },
  };
}

const versionDocument = (baseUrl: string) => ({
  id: 'v3.14',
  status: 'stable',
  updated: '2020-04-07T00:00:00Z',
  links: [{ rel: 'self', href: `${baseUrl}/identity/v3/` }],
  'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
});
