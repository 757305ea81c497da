import { isProviderError } from '../../../contracts/provider-error.js';
import type { VmRef } from '../../../model/ids.js';
import type { PowerState } from '../../../model/observed-source.js';
import type { CloudClient } from '../http/cloud-client.js';
import { tooSlow } from '../http/errors.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { pollUntil } from '../http/poll.js';
import { powerOf } from './source-server.js';

/** Longer than Nova waits for a guest by default (60 s) and than most operators let it. */
const STOP_TIMEOUT_MS = 10 * 60_000;

/** ProviderError not-found when there is no such server. */
export const readServer = async (client: CloudClient, vm: VmRef): Promise<JsonCursor> =>
  (await client.ask({ service: 'compute', method: 'GET', path: `/servers/${vm}` })).at('server');

/** States that are neither on nor off count as suspended: nothing may rely on them. */
export const powerState = async (client: CloudClient, vm: VmRef): Promise<PowerState> =>
  powerOf(await readServer(client, vm)) ?? 'suspended';

/**
 * os-stop: Nova asks the guest by ACPI, and after its own time limit pulls the plug. Off, and on its way there, succeed.
 * The answer may be lost and the call repeated: a second one is a conflict that the state explains.
 */
export async function stopServer(client: CloudClient, vm: VmRef): Promise<void> {
  if (await isGoingDown(client, vm)) return;
  try {
    const body = { 'os-stop': null };
    await client.tell({ service: 'compute', method: 'POST', path: `/servers/${vm}/action`, body, repeatable: true });
  } catch (error) {
    if (!isProviderError(error, 'conflict') || !(await isGoingDown(client, vm))) throw error;
  }
}

/** Nova offers tenants no harder way than os-stop; it pulls the plug itself when the guest does not go down. */
export async function powerOff(client: CloudClient, vm: VmRef): Promise<void> {
  await stopServer(client, vm);
  const done = await pollUntil(client.clock, STOP_TIMEOUT_MS, async () =>
    (await powerState(client, vm)) === 'off' ? true : undefined,
  );
  if (!done) throw tooSlow(client.site(`POST /servers/${vm}/action`), `server ${vm} is not off yet`);
}

async function isGoingDown(client: CloudClient, vm: VmRef): Promise<boolean> {
  const server = await readServer(client, vm);
  return powerOf(server) === 'off' || server.at('OS-EXT-STS:task_state').optionalText() === 'powering-off';
}
