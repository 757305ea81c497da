import type { Cloud } from './cloud.js';
import { type Call, Refusal } from './wire/message.js';

/** With the stricter defaults a role below member changes nothing in any service. Keystone's calls are one's own affair. */
export function refuseReaders({ config }: Cloud, { service, method, path, token }: Call): void {
  if (config.policies !== 'strict' || token === undefined || service === 'identity') return;
  if (method === 'GET' || method === 'HEAD' || token.roles.some((role) => role !== 'reader')) return;
  if (service === 'network') {
    throw new Refusal(403, `rule:${method.toLowerCase()} is disallowed by policy`, { type: 'PolicyNotAuthorized' });
  }
  throw new Refusal(403, `Policy doesn't allow ${method} ${path} to be performed.`);
}
