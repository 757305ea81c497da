import { isProviderError } from '../../../contracts/provider-error.js';
import type { RightCheck } from '../../../contracts/target-provider.js';
import type { Call, CloudClient } from '../http/cloud-client.js';
import { deleteIfThere } from '../http/delete-if-there.js';
import { optionalRead } from '../http/optional-read.js';
import { listAll } from '../http/pages.js';
import { networkList } from './names.js';

/** Nothing has this id; a call that names it can change nothing. */
const NOTHING = '00000000-0000-4000-8000-000000000000';

/**
 * Which calls this login may make. Reads are made. Nova looks at the policy before it looks up what a request names, so a create
 * request for things that do not exist is refused with 403 or, by who may, with another error. Neutron looks up the network first,
 * since its owner has a say, and a security group after the policy. Cinder looks the volume up first: there only the role's name
 * can be judged. (Both measured, 2022.2.)
 */
export async function checkRights(client: CloudClient): Promise<RightCheck[]> {
  const checks: RightCheck[] = [];
  for (const [what, call] of await reads(client)) checks.push(await tried({ what, for: 'plan' }, () => client.ask(call)));
  checks.push(...(await volumeWrites(client)));
  checks.push(
    await portWrites(client),
    await tried({ what: 'make servers (POST /servers)', for: 'cutover' }, () =>
      client.ask({ service: 'compute', method: 'POST', path: '/servers', body: { server: impossibleServer } }),
    ),
  );
  return checks;
}

async function portWrites(client: CloudClient): Promise<RightCheck> {
  const right = { what: 'make ports (POST /ports)', for: 'cutover' } as const;
  const network = await someNetwork(client);
  if (network === undefined)
    return {
      ...right,
      isOptional: false,
      verdict: 'unknown',
      why: 'no network is seen, and Neutron tells only of one that exists',
    };
  const port = { network_id: network, name: 'migplan-rights', security_groups: [NOTHING] };
  return tried(right, async () => {
    const made = await client.ask({ service: 'network', method: 'POST', path: '/ports', body: { port } });
    // It cannot be made; a cloud that does not mind the group gets rid of it at once.
    await deleteIfThere(client, 'network', `/ports/${made.at('port').at('id').text()}`);
  });
}

/** One of the project's own if there is any: on those of others a policy may allow less. */
async function someNetwork(client: CloudClient): Promise<string | undefined> {
  const project = await client.projectId();
  const networks = await optionalRead(() => listAll(client, networkList), []);
  const own = networks.find((network) => network.at('project_id').optionalText() === project);
  return (own ?? networks[0])?.at('id').text();
}

const impossibleServer = {
  name: 'migplan-rights',
  flavorRef: NOTHING,
  networks: 'none',
  block_device_mapping_v2: [
    { uuid: NOTHING, source_type: 'volume', destination_type: 'volume', boot_index: 0, delete_on_termination: false },
  ],
};

async function reads(client: CloudClient): Promise<[string, Call][]> {
  const project = await client.projectId();
  const get = (service: Call['service'], path: string): [string, Call] => [`read GET ${path}`, { service, method: 'GET', path }];
  return [
    get('volume', '/volumes/detail'),
    get('volume', '/attachments'),
    get('volume', '/types'),
    get('volume', `/os-quota-sets/${project}`),
    get('compute', '/servers/detail'),
    get('compute', '/flavors/detail'),
    get('compute', '/limits'),
    get('network', '/networks'),
    get('network', '/subnets'),
    get('network', '/ports'),
    get('network', `/quotas/${project}`),
  ];
}

/** Without these three an inventory cannot be read; a plan does without the others, with less checked. */
const needed = ['/volumes/detail', '/attachments', '/servers/detail'];

type Right = Pick<RightCheck, 'what' | 'for'>;

async function tried(right: Right, call: () => Promise<unknown>): Promise<RightCheck> {
  const isOptional = right.for === 'plan' && !needed.some((path) => right.what.endsWith(path));
  const named = { ...right, isOptional };
  try {
    await call();
    return { ...named, verdict: 'allowed', why: 'it was answered' };
  } catch (error) {
    if (!isProviderError(error)) throw error;
    const { detail } = error.details;
    if (error.kind === 'denied') return { ...named, verdict: 'refused', why: detail };
    const isAnswered =
      right.for !== 'plan' && (error.kind === 'conflict' || error.kind === 'not-found' || error.kind === 'quota');
    if (isAnswered) return { ...named, verdict: 'allowed', why: 'the policy let a request pass that names nothing that exists' };
    if (error.kind === 'not-found') return { ...named, verdict: 'unknown', why: detail };
    throw error;
  }
}

/** Default policies of Cinder: members may, readers may only on clouds that do not enforce the new defaults yet. */
async function volumeWrites(client: CloudClient): Promise<RightCheck[]> {
  const roles = await client.roles();
  const isWriter = roles.some((role) => ['admin', 'member', '_member_', 'manager'].includes(role));
  const told = roles.length === 0 ? 'the token names no roles' : `roles of the token: ${roles.join(', ')}`;
  const whats = [
    'make volumes (POST /volumes)',
    'write volume metadata (POST /volumes/ID/metadata)',
    'write image metadata (os-set_image_metadata)',
    'hold volumes (POST /attachments)',
  ];
  return whats.map((what) => ({
    what,
    for: 'apply',
    isOptional: false,
    verdict: isWriter ? 'allowed' : 'unknown',
    why: isWriter ? `${told}; by Cinder's default policy` : `${told}; Cinder tells only when a real volume is named`,
  }));
}
