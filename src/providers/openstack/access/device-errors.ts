import type { ProviderError } from '../../../contracts/provider-error.js';
import { type CallSite, notAttached } from '../http/errors.js';
import type { ExpectedDevice } from './device-facts.js';
import type { HostDescription } from './device-host.js';

export const severalDevices = (site: CallSite, { volume }: ExpectedDevice, paths: readonly string[]): ProviderError =>
  notAttached(site, `several devices have the serial of volume ${volume}: ${paths.join(', ')}`, [
    'Restart the conversion host, then run again.',
  ]);

/** lsblk shows mounts, and what LVM, RAID and multipath made of a device. */
export const seeWhatUses = (path: string, host: string): string =>
  `See on ${host} what uses it: lsblk ${path}; give it free there, then run again.`;

export interface RefusedOpen {
  readonly path: string;
  /** `EBUSY`. */
  readonly code: string | undefined;
  readonly message: string;
}

export function cannotOpen(
  site: CallSite,
  { volume }: ExpectedDevice,
  { path, code, message, description }: RefusedOpen & { readonly description: HostDescription },
): ProviderError {
  const what = `${path}, which is volume ${volume}, cannot be opened`;
  if (code !== 'EBUSY') return notAttached(site, `${what}: ${message}`, [description.rights]);
  return notAttached(site, `${what}: ${description.name} uses it: it is mounted, or LVM, RAID or multipath has taken it`, [
    ...description.busy,
    seeWhatUses(path, description.name),
    'Keep LVM and multipath of the conversion host away from attached volumes: a devices file or global_filter in lvm.conf, a blacklist in multipath.conf.',
  ]);
}

export const notTheVolume = (site: CallSite, { volume }: ExpectedDevice, path: string, wrong: string): ProviderError =>
  notAttached(site, `${path} has the name of volume ${volume}, but ${wrong}; nothing was written to it`, [
    `Look at it: lsblk -o NAME,SIZE,SERIAL ${path}; restart the conversion host when it is stale.`,
  ]);
