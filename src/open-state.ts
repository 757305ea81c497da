import { systemClock } from './host/clock.js';
import type { Secret } from './host/secret.js';
import type { PgStateConfig, StateConfig } from './manifest/project/project-config.js';
import type { SecretRef } from './manifest/project/secret-ref.js';
import { LocalBackend } from './state/backend/local-backend.js';
import type { StateBackend } from './state/backend/state-backend.js';

/** Throws DiagnosticsError when it cannot be read. */
type ReadSecret = (ref: SecretRef) => Promise<Secret>;

/** What the Project names as the place of its state; `folder`: where this machine keeps its own. Nothing is connected yet. */
export const openBackend = async (config: StateConfig, folder: string, secret: ReadSecret): Promise<StateBackend> =>
  config.type === 'local' ? new LocalBackend(folder) : openPg(config, secret);

async function openPg(
  { url, password, schema, project, caFile, leaseMs }: PgStateConfig,
  secret: ReadSecret,
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
