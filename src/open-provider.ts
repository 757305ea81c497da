import { hostname } from 'node:os';
import type { SourceProvider } from './contracts/source-provider.js';
import type { TargetProvider } from './contracts/target-provider.js';
import { invariant } from './diag/diagnostic.js';
import { systemClock } from './host/clock.js';
import type { ProgramFinder } from './host/program.js';
import { newUuid } from './host/random.js';
import type { Secret } from './host/secret.js';
import type { ProviderConfig } from './manifest/project/project-config.js';
import type { SecretRef } from './manifest/project/secret-ref.js';
import { readDocument } from './manifest/read-document.js';
import { isTargetType, type ProviderType, type TargetType } from './model/provider-types.js';
import type { OpenStackConfig, OpenStackDependencies } from './providers/openstack/index.js';

/** What opening a provider takes of the run. */
export interface OpeningContext {
  /** In the Project. */
  readonly name: string;
  /** Of the Project. */
  readonly folder: string;
  /** Of this machine. */
  readonly programs: ProgramFinder;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Private, with a short path; gone when the run ends, after all providers. */
  socketFolder(): Promise<string>;
  /** Throws DiagnosticsError when it cannot be read. name: may be shown. */
  secret(ref: SecretRef, kind?: 'secret' | 'name'): Promise<Secret>;
}

type Open<T extends ProviderType, P> = (config: ProviderConfig<T>, context: OpeningContext) => Promise<P>;

/** How each type is opened as a source. Its code is loaded then: most commands need none or one. */
const sources: { readonly [T in ProviderType]: Open<T, SourceProvider> } = {
  async vmware({ server, user, password, tls, reader }, { name, secret, env }) {
    const { openVmware } = await import('./providers/vmware/index.js');
    return openVmware(
      {
        name,
        server,
        user: typeof user === 'string' ? user : await secret(user, 'name'),
        password: await secret(password),
        reader,
        ...(tls === undefined ? {} : { tls }),
      },
      { clock: systemClock, newId: newUuid, env },
    );
  },
  async openstack(config, context) {
    const { openOpenStackSource } = await import('./providers/openstack/index.js');
    return openOpenStackSource(await cloudConfig(config, context), cloudDependencies(context));
  },
  async nbd(config, { name, folder, socketFolder, programs }) {
    const { openNbd } = await import('./providers/nbd/index.js');
    return openNbd({ ...config, name, folder }, { clock: systemClock, programs, socketFolder, readDocument });
  },
};

/** The same for types to which VMs go. */
const targets: { readonly [T in TargetType]: Open<T, TargetProvider> } = {
  async openstack(config, context) {
    const { openOpenStack } = await import('./providers/openstack/index.js');
    return openOpenStack(await cloudConfig(config, context), cloudDependencies(context));
  },
};

async function cloudConfig(config: ProviderConfig<'openstack'>, { name, env, folder }: OpeningContext): Promise<OpenStackConfig> {
  const { loadCloud } = await import('./providers/openstack/index.js');
  const { access, timeouts = {}, addressesOnSharedNetworks: addressesAnywhere = false } = config;
  return { name, cloud: loadCloud(config.cloud, env, folder), access, timeouts, addressesAnywhere, hostName: hostname() };
}

const cloudDependencies = ({ socketFolder, env }: OpeningContext): OpenStackDependencies => ({
  clock: systemClock,
  socketFolder,
  env,
});

/** Logs in. ProviderError or DiagnosticsError when that is not possible. */
export const openSource = (config: ProviderConfig, context: OpeningContext): Promise<SourceProvider> =>
  // A configuration of one type goes to the row of that type, which the compiler cannot see.
  sources[config.type](config as never, context);

/** The same as a place where VMs go. Only for a type that isTargetType. */
export async function openTarget(config: ProviderConfig, context: OpeningContext): Promise<TargetProvider> {
  invariant(isTargetType(config.type), `nothing goes to a provider of type ${config.type}`);
  return targets[config.type](config as never, context);
}
