import { debianReleases } from './debian.js';
import { rhelReleases } from './rhel.js';
import { ubuntuReleases } from './ubuntu.js';

/** Machine types by what the compute hosts run. Only releases whose list is published or was measured are here. */
export const machineTypeReleases = { ...rhelReleases, ...ubuntuReleases, ...debianReleases };

export type ReleaseName = keyof typeof machineTypeReleases;

export const releaseNames = Object.keys(machineTypeReleases) as [ReleaseName, ...ReleaseName[]];

/**
 * What a server gets that names no type, where the release sets it: Q35 since RHOSP 17 (its release notes), before it RHEL's i440FX.
 * Elsewhere it is libvirt's default or what the operator wrote into nova.conf.
 */
export const releaseDefaults: Readonly<Partial<Record<ReleaseName, string>>> = {
  'rhosp-16.2': 'pc',
  'rhosp-17.1': 'q35',
  'rhosp-17.1-multi-rhel': 'q35',
  'rhoso-18': 'q35',
};

const published = new Set<string>(Object.values(machineTypeReleases).flat());

/** Whether some release spells a machine type so: what is not spelt so anywhere is a mistake, not a foreign name. */
export const isPublishedType = (type: string): boolean => published.has(type);
