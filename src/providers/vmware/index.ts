import type { SourceProvider } from '../../contracts/source-provider.js';
import type { Clock } from '../../host/clock.js';
import { readInput, UnfitInput } from '../../host/read-input.js';
import { userAgent } from '../../host/user-agent.js';
import { formatServer, parseServer, revealUser, type VmwareConfig, type VmwareTls } from './config.js';
import { unusableConfig } from './errors.js';
import { type CertificateTrust, parseThumbprint } from './soap/certificate.js';
import { Session } from './soap/session.js';
import { SoapClient } from './soap/soap-client.js';
import { SoapTransport } from './soap/transport.js';
import { VmwareSource } from './vmware-source.js';

const CA_BYTES_MAX = 4 * 2 ** 20;

export interface VmwareDependencies {
  readonly clock: Clock;
  /** A text that is unique in the world, such as a UUID: names each call in vCenter's logs. */
  readonly newId: () => string;
  /** In [0, 1); spreads retries. Math.random unless given. */
  readonly random?: () => number;
  /** Says the proxy, if there is one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Opens a vCenter or ESXi host as a source. Nothing is sent yet: the first use connects and logs in. Throws ProviderError
 * invalid when the configuration cannot be used.
 */
export async function openVmware(
  config: VmwareConfig,
  { clock, newId, random = Math.random, env = {} }: VmwareDependencies,
): Promise<SourceProvider> {
  const address = parseServer(config.server);
  if (address === undefined) throw unusableConfig(config.name, `server '${config.server}' is not HOST or HOST:PORT`);
  const trust = await readTrust(config.name, config.tls ?? {});
  const origin = `https://${formatServer(address)}`;
  const transport = new SoapTransport({ origin, trust, userAgent: userAgent(), env });
  const soap = new SoapClient(`${origin}/sdk`, transport);
  const session = new Session(soap, transport, { ...config, user: revealUser(config.user) }, { clock, newId, random });
  return new VmwareSource({ config, session });
}

async function readTrust(provider: string, { caFile, thumbprint }: VmwareTls): Promise<CertificateTrust> {
  if (thumbprint !== undefined) {
    if (caFile !== undefined) throw unusableConfig(provider, 'tls has caFile and thumbprint: only one of them can decide');
    const trust = parseThumbprint(thumbprint);
    if (trust === undefined)
      throw unusableConfig(provider, `tls.thumbprint '${thumbprint}' is neither a SHA-256 nor a SHA-1 fingerprint`);
    return trust;
  }
  if (caFile === undefined) return { kind: 'authorities' };
  try {
    return { kind: 'authorities', pem: (await readInput(caFile, { bytesMax: CA_BYTES_MAX })).toString('utf8') };
  } catch (error) {
    const why = error instanceof UnfitInput ? error.message : ((error as NodeJS.ErrnoException).code ?? 'unknown reason');
    throw unusableConfig(provider, `tls.caFile ${caFile} cannot be read (${why})`);
  }
}
