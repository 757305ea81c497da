import { type Listening, listen } from '../openstack-sim/http-server.js';
import { createTlsMaterial } from '../openstack-sim/tls.js';
import { createControl, type StateControl } from './control.js';
import type { Dialect } from './exchange.js';
import { Faults } from './faults.js';
import { createFrontDoor } from './front-door.js';
import { type GitLabDialectOptions, gitlabDialect } from './gitlab-dialect.js';
import { RequestLog } from './request-log.js';
import { StateStore } from './state-store.js';
import { type TerraformDialectOptions, terraformDialect } from './terraform-dialect.js';

export type StateServerOptions = (
  | ({ readonly dialect: 'terraform' } & TerraformDialectOptions)
  | ({ readonly dialect: 'gitlab' } & GitLabDialectOptions)
) & {
  /** Serve over HTTPS with a certificate of a fresh authority, made in this folder. */
  readonly tlsFolder?: string;
};

/** A running server of states on the loopback address. All it knows is in memory. */
export interface StateServer extends AsyncDisposable {
  /** Where the states are: `${url}/NAME` is the address of one; in GitLab's dialect `${url}/NAME/lock` its lock. */
  readonly url: string;
  /** PEM file to trust; undefined without TLS. */
  readonly caFile: string | undefined;
  readonly control: StateControl;
  readonly log: RequestLog;
  /** Nobody listens any more; what it knows stays. */
  stop(): Promise<void>;
  /** Listens again, at the same address. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function startStateServer(options: StateServerOptions): Promise<StateServer> {
  const store = new StateStore();
  const faults = new Faults();
  const log = new RequestLog();
  const control = createControl(store, faults);
  const dialect = dialectOf(store, options);
  const tls = options.tlsFolder === undefined ? undefined : createTlsMaterial(options.tlsFolder);
  const door = createFrontDoor({ dialect, control, faults, log });
  let listening: Listening | undefined = await listen(door, tls);
  const { port } = listening;
  const stop = async (): Promise<void> => {
    await listening?.close();
    listening = undefined;
  };
  const start = async (): Promise<void> => {
    listening ??= await listen(door, tls, port);
  };
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}${dialect.prefix}`;
  return { url, caFile: tls?.caFile, control, log, stop, start, close: stop, [Symbol.asyncDispose]: stop };
}

const dialectOf = (store: StateStore, options: StateServerOptions): Dialect =>
  options.dialect === 'terraform' ? terraformDialect(store, options) : gitlabDialect(store, options);
