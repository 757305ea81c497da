import { randomInt } from 'node:crypto';
import type { ProviderIdentity } from '../../../contracts/provider.js';
import type { Clock } from '../../../host/clock.js';
import type { OpenStackConfig } from '../config/cloud-config.js';
import { CloudClient } from './cloud-client.js';
import { Transport } from './transport.js';

const REQUEST_TIMEOUT_MS = 90_000;
const RANDOM_STEPS = 2 ** 32;

export interface OpenStackDependencies {
  readonly clock: Clock;
  /** Says the proxy, if there is one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** In [0, 1); spreads retries of many runs. Default: the machine's randomness. */
  readonly random?: () => number;
  /** A private folder with a short path, for sockets; made when it is first asked for. Only access by ssh needs it. */
  readonly socketFolder?: () => Promise<string>;
}

export interface OpenClient extends AsyncDisposable {
  readonly client: CloudClient;
  identify(): Promise<ProviderIdentity>;
}

/** Logs in, so that wrong credentials and unreachable clouds show up here. Throws ProviderError, or DiagnosticsError for unreadable certificates. */
export async function openClient(
  { name, cloud }: OpenStackConfig,
  dependencies: Pick<OpenStackDependencies, 'clock' | 'random' | 'env'>,
): Promise<OpenClient> {
  const { clock, env, random = () => randomInt(RANDOM_STEPS) / RANDOM_STEPS } = dependencies;
  const transport = new Transport(cloud.tls, cloud.apiTimeoutMs ?? REQUEST_TIMEOUT_MS, env);
  const client = new CloudClient({ provider: name, cloud, transport, clock, random });
  try {
    await client.projectId();
  } catch (error) {
    await transport.close();
    throw error;
  }
  return {
    client,
    identify: async () => {
      const region = await client.region();
      return { kind: 'openstack', endpoint: cloud.authUrl, id: await client.projectId(), ...(region && { region }) };
    },
    [Symbol.asyncDispose]: () => transport.close(),
  };
}
