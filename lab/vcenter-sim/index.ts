import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { CallLog } from './call-log.js';
import { createIdentity, type ServerIdentity } from './certificates.js';
import { checkConfig } from './check-config.js';
import { SimClock } from './clock.js';
import type { ControlContext } from './control/context.js';
import { type Control, createControl } from './control/control.js';
import { serveControl } from './control/control-endpoint.js';
import { FaultPlan } from './fault-plan.js';
import { randomUuid } from './prng.js';
import { type Account, Sessions } from './sessions.js';
import { readBody, type SoapEndpoint, serveSoap } from './soap-endpoint.js';
import { Tasks } from './tasks.js';
import type { Vcenter } from './vcenter.js';
import { openVddk, type VddkOpenRequest } from './vddk-endpoint.js';
import { buildWorld } from './world/build.js';
import { entityAt } from './world/inventory-path.js';
import { Readers } from './world/readers.js';
import { World } from './world/world.js';
import type { UserConfig, WorldConfig } from './world-config.js';

export type { Control } from './control/control.js';
export type { WorldConfig } from './world-config.js';

/** Versions older than the newest that the server still speaks. */
const PRIOR_VERSIONS = [
  '8.0.2.0',
  '8.0.1.0',
  '8.0.0.1',
  '7.0.3.0',
  '7.0.2.0',
  '7.0',
  '6.7.3',
  '6.7.2',
  '6.7.1',
  '6.7',
  '6.5',
  '6.0',
];

export interface VcenterSimOptions {
  readonly config: WorldConfig;
  /** Holds certificates and disk images. Made when missing; nothing in it outlives the simulator's memory. */
  readonly directory: string;
  /** Where certificates are made, or were made before. Default: `tls` below `directory`. */
  readonly tlsDirectory?: string;
  /** Port of the SOAP service on 127.0.0.1. Default: any free one. */
  readonly port?: number;
}

export interface VcenterSim {
  /** `127.0.0.1:PORT` of the SOAP service. */
  readonly server: string;
  readonly caFile: string;
  readonly sha1: string;
  readonly sha256: string;
  /** `http://127.0.0.1:PORT` of the control service. */
  readonly controlUrl: string;
  readonly control: Control;
  /** Ends the servers and waits for running tasks. Leaves the directory. */
  close(): Promise<void>;
}

/** Starts the simulator in this process. Rejects when the configuration is not usable. */
export async function startVcenterSim(options: VcenterSimOptions): Promise<VcenterSim> {
  checkConfig(options.config);
  const identity = await createIdentity(options.tlsDirectory ?? join(options.directory, 'tls'));
  const context = await createContext(options.config, options.directory);
  const control = createControl(context);
  const soap = createHttpsServer({ key: identity.key, cert: identity.cert }, handler(sdkRoutes(context)));
  const controlServer = createHttpServer(handler((request, response) => serveControl(control, request, response)));
  const port = await listen(soap, options.port ?? 0);
  const controlPort = await listen(controlServer, 0);
  return {
    server: `127.0.0.1:${port}`,
    ...addresses(identity),
    controlUrl: `http://127.0.0.1:${controlPort}`,
    control,
    close: async () => {
      await Promise.all([stop(soap), stop(controlServer)]);
      await context.vcenter.tasks.settle();
      await context.settleBackground();
    },
  };
}

const addresses = ({ caFile, sha1, sha256 }: ServerIdentity) => ({ caFile: resolve(caFile), sha1, sha256 });

interface SimContext extends ControlContext {
  readonly settleBackground: () => Promise<void>;
}

async function createContext(config: WorldConfig, directory: string): Promise<SimContext> {
  const clock = new SimClock();
  const world = new World(config, resolve(directory), clock);
  await buildWorld(world);
  refuseLostPermissions(world, config.users);
  const background = new Set<Promise<void>>();
  const vcenter: Vcenter = {
    world,
    clock,
    sessions: new Sessions({
      accounts: config.users.map(readAccount),
      config: config.sessions ?? {},
      clock,
      random: world.random,
    }),
    tasks: new Tasks(clock),
    readers: new Readers(),
    about: {
      instanceUuid: config.vcenter?.instanceUuid ?? randomUuid(world.random),
      version: config.vcenter?.version ?? '8.0.3',
      build: config.vcenter?.build ?? '24022515',
      apiVersion: config.vcenter?.apiVersion ?? '8.0.3.0',
    },
    background: (work) => {
      background.add(work);
      void work.finally(() => background.delete(work));
    },
  };
  const settleBackground = async (): Promise<void> => void (await Promise.allSettled(background));
  return { vcenter, faults: new FaultPlan(), calls: new CallLog(), vddk: { knobs: {} }, settleBackground };
}

/** A permission on nothing must not quietly mean none. */
function refuseLostPermissions(world: World, users: readonly UserConfig[]): void {
  for (const { name, permissions = [] } of users)
    for (const { on } of permissions)
      if (entityAt(world, on) === undefined) throw new Error(`user ${name}: nothing is at "${on}"`);
}

const readAccount = ({ name, password, deniedPrivileges = [], unreadableProperties = [], permissions }: UserConfig): Account => ({
  name,
  password,
  deniedPrivileges,
  unreadableProperties,
  ...(permissions === undefined ? {} : { permissions }),
});

type Route = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

function sdkRoutes({ vcenter, faults, calls, vddk }: SimContext): Route {
  const versions = [vcenter.about.apiVersion, ...PRIOR_VERSIONS];
  const endpoint: SoapEndpoint = { vcenter, faults, calls, versions };
  return async (request, response) => {
    const route = `${request.method} ${(request.url ?? '').split('?')[0]}`;
    if (route === 'POST /sdk' || route === 'POST /sdk/') await serveSoap(endpoint, request, response);
    else if (route === 'POST /lab/vddk/open') {
      const open = JSON.parse(await readBody(request)) as VddkOpenRequest;
      respond(response, {
        type: 'application/json',
        body: JSON.stringify(openVddk(vcenter, open, { calls, knobs: vddk.knobs })),
      });
    } else respond(response, { status: 404, type: 'text/html', body: '<html><body>Not Found</body></html>' });
  };
}

function respond(response: ServerResponse, { status, type, body }: { status?: number; type: string; body: string }): void {
  response.writeHead(status ?? 200, { 'Content-Type': type });
  response.end(body);
}

/** A handler that fails ends its own connection and nothing else. */
function handler(route: Route): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    route(request, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => done((server.address() as AddressInfo).port));
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}
