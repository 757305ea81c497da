import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plantServer } from '../../lab/harness/planted-server.js';
import { connectClient } from '../../lab/openstack-sim/conformance/client.js';
import { type OpenStackSim, startOpenStackSim } from '../../lab/openstack-sim/index.js';
import { exampleCloud } from '../../lab/openstack-sim/sim-fixture.js';
import { type ClientWorld, clientTrials, commandsOf } from './client-trials.js';

const run = promisify(execFile);
const POLL_MS = 50;
/** Without a command the client waits for one. */
const CLIENT_MS_MAX = 300_000;
let folder: string;
let sim: OpenStackSim;
let world: ClientWorld;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openstack-client-'));
  sim = await startOpenStackSim({ config: exampleCloud, stateDir: folder });
  const login = { authUrl: sim.authUrl, user: 'admin', password: 'lab', project: 'demo' };
  const client = await connectClient(login, () => new Promise((resolve) => setTimeout(resolve, POLL_MS)));
  const { control } = sim;
  const plant = (name: string, volumes: readonly string[]) =>
    plantServer(client, control, {
      name,
      project: 'demo',
      flavor: 'm1.tiny',
      network: 'demo-net',
      volumes: volumes.map((volume) => ({ name: volume, sizeGiB: 1 })),
    });
  const [server, stopped] = [await plant('one', ['root', 'plugged']), await plant('two', ['root-2'])];
  await client.call('compute', 'POST', `/servers/${stopped.id}/action`, { body: { 'os-stop': null } });
  const [free, held] = ['free', 'held'].map((name) => control.createVolume({ name, sizeGiB: 1, project: 'demo' }).id) as [
    string,
    string,
  ];
  const attached = await client.call('volumev3', 'POST', '/attachments', {
    body: { attachment: { volume_uuid: held } },
    version: '3.54',
  });
  const { networks } = (await client.call('network', 'GET', '/v2.0/networks?name=demo-net')).body;
  const port = await client.call('network', 'POST', '/v2.0/ports', { body: { port: { network_id: networks[0].id } } });
  world = {
    control,
    ids: {
      server: server.id,
      stopped: stopped.id,
      plugged: server.volumes[1]!.id,
      free,
      held,
      attachment: attached.body.attachment.id,
      port: port.body.port.id,
    },
  };
});

afterAll(async () => {
  await sim.close();
  await rm(folder, { recursive: true, force: true });
});

const openstack = async (args: readonly string[]): Promise<string> => {
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    OS_AUTH_URL: sim.authUrl,
    OS_USERNAME: 'admin',
    OS_PASSWORD: 'lab',
    OS_PROJECT_NAME: 'demo',
    OS_USER_DOMAIN_NAME: 'Default',
    OS_PROJECT_DOMAIN_NAME: 'Default',
    OS_IDENTITY_API_VERSION: '3',
  };
  const { stdout } = await run('openstack', [...args], { env, timeout: CLIENT_MS_MAX });
  return stdout;
};

/** Servers and volumes take their time. */
async function soon(check: () => void): Promise<void> {
  for (let polls = 0; polls < 100; polls++) {
    try {
      return check();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
  check();
}

describe('the OpenStack client takes every command that is advised, and it leads out', () => {
  test.each(clientTrials)('$advice', async (trial) => {
    const commands = commandsOf(trial, world);
    expect(commands.length).toBeGreaterThan(0);
    trial.before?.(world);
    let printed = '';
    for (const command of commands) printed += await openstack(command);
    await soon(() => trial.leads(world, printed));
  });
});
