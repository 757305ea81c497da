import { debianReleases } from './debian.js';
import { rhelReleases } from './rhel.js';
import { ubuntuReleases } from './ubuntu.js';

/** Machine types by what the compute hosts run. Only releases whose list is published or was measured are here. */
export const machineTypeReleases = { ...rhelReleases, ...ubuntuReleases, ...debianReleases };

export type ReleaseName = keyof typeof machineTypeReleases;

export const releaseNames = Object.keys(machineTypeReleases) as [ReleaseName, ...ReleaseName[]];

const published = new Set<string>(Object.values(machineTypeReleases).flat());

/** Whether some release spells a machine type so: what is not spelt so anywhere is a mistake, not a foreign name. */
export const isPublishedType = (type: string): boolean => published.has(type);
