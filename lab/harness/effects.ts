import type { Bench } from './bench.js';
import type { CloudControl } from './cloud-control.js';
import type { VcenterControl } from './vcenter-control.js';

const isVcenterEffect = (method: string): boolean => method.endsWith('_Task') || method === 'ShutdownGuest';

/** Every call since the logs were last cleared that may have changed something, on both sides, oldest first. */
export async function effects({ source, target }: Bench): Promise<string[]> {
  const asked = await cloudEffects(target.control);
  return [...(await vcenterEffects(source.control)), ...asked.map(({ call }) => call)];
}

export async function vcenterEffects(control: VcenterControl): Promise<string[]> {
  const { calls } = await control.calls();
  return calls.filter(({ method }) => isVcenterEffect(method)).map(({ method, moref }) => `${method} ${moref ?? ''}`);
}

/** The same of one cloud, each with what was answered: `POST /servers 403`. */
export const answeredEffects = async (control: CloudControl): Promise<string[]> =>
  (await cloudEffects(control)).map(({ call, status }) => `${call} ${status}`);

async function cloudEffects(control: CloudControl): Promise<{ readonly call: string; readonly status: number }[]> {
  const requests = await control.calls();
  return requests
    .filter(({ service, method }) => service !== 'identity' && method !== 'GET')
    .map(({ method, path, status }) => ({ call: `${method} ${withoutIds(path)}`, status }));
}

/** How often each side was asked to log in. */
export async function logins({ source, target }: Bench): Promise<{ readonly vcenter: number; readonly cloud: number }> {
  const { calls } = await source.control.calls();
  const requests = await target.control.calls();
  return {
    vcenter: calls.filter(({ method }) => method === 'Login').length,
    cloud: requests.filter(({ method, path }) => method === 'POST' && path.includes('/auth/tokens')).length,
  };
}

export async function forgetCalls({ source, target }: Bench): Promise<void> {
  await source.control.clearCalls();
  await target.control.clearCalls();
}

/** `/volume/v3/<project>/volumes/<id>/action` as `/volumes/{id}/action`. */
const withoutIds = (path: string): string =>
  path.replace(/^.*?\/v[\d.]+(\/[0-9a-f]{32})?/, '').replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '{id}');
