import { systemClock } from './host/clock.js';
import type { Secret } from './host/secret.js';
import { userAgent } from './host/user-agent.js';
import type { HttpStateConfig, PgStateConfig, StateConfig } from './manifest/project/project-config.js';
import type { SecretRef } from './manifest/project/secret-ref.js';
import { LocalBackend } from './state/backend/local-backend.js';
import type { StateBackend } from './state/backend/state-backend.js';

export interface StateOpening {
  /** Where this machine keeps its own. */
  readonly folder: string;
  /** For the proxy of a server. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Throws DiagnosticsError when it cannot be read. */
  readonly secret: (ref: SecretRef, kind?: 'secret' | 'name') => Promise<Secret>;
}

/** What the Project names as the place of its state. Nothing is connected yet. */
export async function openBackend(config: StateConfig, opening: StateOpening): Promise<StateBackend> {
  switch (config.type) {
    case 'local':
      return new LocalBackend(opening.folder);
    case 'pg':
      return openPg(config, opening);
    case 'http':
      return openHttp(config, opening);
  }
}

async function openPg(
  { url, password, schema, project, caFile, leaseMs }: PgStateConfig,
  { secret }: StateOpening,
): Promise<StateBackend> {
  const [{ PgBackend }, { parsePgUrl }] = await Promise.all([
    import('./state/backend/pg-backend.js'),
    import('./state/backend/pg-url.js'),
  ]);
  return PgBackend.open({
    address: parsePgUrl((await secret(url)).reveal()),
    ...(password === undefined ? {} : { password: await secret(password) }),
    ...(caFile === undefined ? {} : { caFile }),
    schema,
    project,
    leaseMs,
    clock: systemClock,
  });
}

async function openHttp(
  { type: _type, login, ...config }: HttpStateConfig,
  { env, secret }: StateOpening,
): Promise<StateBackend> {
  const { HttpBackend } = await import('./state/backend/http-backend.js');
  return new HttpBackend({
    ...config,
    ...(login !== undefined && {
      login: {
        user: typeof login.user === 'string' ? login.user : (await secret(login.user, 'name')).reveal(),
        password: await secret(login.password),
      },
    }),
    env,
    clock: systemClock,
    userAgent: userAgent(),
  });
}
