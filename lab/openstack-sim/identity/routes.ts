import { isoMicroseconds } from '../clock.js';
import type { Cloud } from '../cloud.js';
import { hexOf } from '../ids.js';
import type { Call } from '../wire/message.js';
import { open, type Route } from '../wire/route.js';
import { catalogFor } from './catalog.js';
import { login } from './login.js';
import type { Token } from './model.js';

/** Keystone v3, as far as a client logs in. */
export function identityRoutes(cloud: Cloud): Route[] {
  return [
    open('GET', '/v3', ({ baseUrl }) => ({ status: 200, body: { version: versionDocument(baseUrl) } })),
    open('POST', '/v3/auth/tokens', (call) => {
      const token = login(cloud, call.body);
      return {
        status: 201,
        headers: { 'X-Subject-Token': token.value, Vary: 'X-Auth-Token' },
        body: tokenView(cloud, token, call),
      };
    }),
  ];
}

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
