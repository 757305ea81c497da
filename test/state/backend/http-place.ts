import { onTestFinished } from 'vitest';
import { type StateServer, type StateServerOptions, startStateServer } from '../../../lab/state-server/index.js';
import type { Clock } from '../../../src/host/clock.js';
import { Secret } from '../../../src/host/secret.js';
import { HttpBackend, type HttpBackendOptions } from '../../../src/state/backend/http-backend.js';
import { type StateName, spelled } from '../../../src/state/backend/http-names.js';
import type { BackendPlace } from './conformance.js';

export const TOKEN = 'glpat-QWxhZGRpbjpv';
export const maintainer = { user: 'ci', token: TOKEN } as const;

export const asGitLab: StateServerOptions = { dialect: 'gitlab', people: [maintainer] };
export const asTerraform: StateServerOptions = {
  dialect: 'terraform',
  people: [{ user: maintainer.user, password: TOKEN }],
};

/** Time passes only where somebody sleeps, and then at once. */
export function quickClock(): Clock {
  let ms = 0;
  return {
    now: () => new Date(Date.parse('2026-06-01T12:00:00.000Z') + ms),
    monotonicMs: () => ms,
    sleep: async (forMs) => {
      ms += forMs;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

export interface HttpPlace extends BackendPlace {
  readonly server: StateServer;
  open(options?: Partial<HttpBackendOptions>): Promise<HttpBackend>;
  /** As the server calls it. */
  nameOf(state: StateName): string;
}

/** A server of states that lives until the test has ended. */
export async function httpPlace(options: StateServerOptions): Promise<HttpPlace> {
  const server = await startStateServer(options);
  onTestFinished(() => server.close());
  const nameOf = (state: StateName): string => spelled('waves', state, 255);
  return {
    server,
    nameOf,
    beforeRestart: 'held',
    open: async (more = {}) => {
      const backend = new HttpBackend({ ...optionsFor(server, options), ...more });
      onTestFinished(() => backend[Symbol.asyncDispose]());
      return backend;
    },
    rewriteHolder: async ({ kind, name }, edit) => {
      const state = nameOf({ kind, of: name });
      const found = JSON.parse(server.control.state(state)?.body ?? '');
      const serial = found.serial + 1;
      server.control.put(state, JSON.stringify({ ...found, serial, holder: edit(found.holder) }), serial);
    },
    damageFormer: async ({ kind, name }) => {
      const state = nameOf({ kind, of: name });
      const found = JSON.parse(server.control.state(state)?.body ?? '');
      const serial = found.serial + 1;
      server.control.put(state, JSON.stringify({ ...found, serial, former: { ...found.former, operation: 5 } }), serial);
    },
  };
}

export function optionsFor({ url }: Pick<StateServer, 'url'>, { dialect }: StateServerOptions): HttpBackendOptions {
  const address = `${url}/{name}`;
  return {
    address,
    project: 'waves',
    ...(dialect === 'gitlab' && { lockAddress: `${address}/lock`, lockMethod: 'POST', unlockMethod: 'DELETE' }),
    login: { user: maintainer.user, password: new Secret(TOKEN) },
    env: {},
    clock: quickClock(),
    userAgent: 'migplan/0.0.0',
  };
}
