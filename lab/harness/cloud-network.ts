import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { RealCloud } from './real-cloud.js';
import { until } from './until.js';

const run = promisify(execFile);
/** ip is in a folder that only root's PATH has. */
const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

/**
 * Gives this machine an address (`192.0.2.1/24`) on a network of the cloud, whose bridge is here as soon as a server is on it.
 * No port of the network may have it.
 */
export async function joinNetwork(cloud: RealCloud, network: string, address: string): Promise<AsyncDisposable> {
  const { body } = await cloud.call('network', 'GET', `/v2.0/networks?name=${network}`);
  // As Neutron's Linux bridges are named.
  const bridge = `brq${body.networks[0].id.slice(0, 11)}`;
  await until(`bridge ${bridge}`, () =>
    access(`/sys/class/net/${bridge}`).then(
      () => true,
      () => false,
    ),
  );
  await run('ip', ['address', 'replace', address, 'dev', bridge], { env });
  return {
    async [Symbol.asyncDispose]() {
      await run('ip', ['address', 'delete', address, 'dev', bridge], { env });
    },
  };
}
