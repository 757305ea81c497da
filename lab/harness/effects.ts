import type { Bench } from './bench.js';

const isVcenterEffect = (method: string): boolean => method.endsWith('_Task') || method === 'ShutdownGuest';

/** Every call since the logs were last cleared that may have changed something, on both sides, oldest first. */
export async function effects({ source, target }: Bench): Promise<string[]> {
  const { calls } = await source.control.calls();
  const requests = await target.control.calls();
  return [
    ...calls.filter(({ method }) => isVcenterEffect(method)).map(({ method, moref }) => `${method} ${moref ?? ''}`),
    ...requests
      .filter(({ service, method }) => service !== 'identity' && method !== 'GET')
      .map(({ method, path }) => `${method} ${withoutIds(path)}`),
  ];
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
