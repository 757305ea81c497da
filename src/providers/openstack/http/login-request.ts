import type { Credentials } from '../config/cloud-config.js';

/** Body of POST /v3/auth/tokens. Holds secrets in the clear: it goes to Keystone and nowhere else. */
export function loginRequest(credentials: Credentials): object {
  switch (credentials.kind) {
    case 'password': {
      const user = { ...credentials.user, password: credentials.password.reveal() };
      return { auth: { identity: { methods: ['password'], password: { user } }, scope: { project: credentials.project } } };
    }
    case 'token': {
      const token = { id: credentials.token.reveal() };
      return { auth: { identity: { methods: ['token'], token }, scope: { project: credentials.project } } };
    }
    case 'application-credential': {
      const application_credential = { ...credentials.credential, secret: credentials.secret.reveal() };
      return { auth: { identity: { methods: ['application_credential'], application_credential } } };
    }
  }
}
