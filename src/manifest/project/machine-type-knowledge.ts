import type { MachineTypeKnowledge } from '../../model/machine-types/knowledge.js';
import { machineTypeReleases, releaseDefaults } from '../../model/machine-types/releases.js';
import type { OpenstackProviderConfig } from './project-config.js';

/** What the Project says of one cloud's machine types, with what probes found there. */
export function machineTypeKnowledge(
  { release, machineTypes, machineTypeMap = {} }: OpenstackProviderConfig,
  probed: MachineTypeKnowledge['probed'],
): MachineTypeKnowledge {
  if (release === undefined && machineTypes === undefined) return { map: machineTypeMap, probed };
  const shipped: readonly string[] = release === undefined ? [] : machineTypeReleases[release];
  const origin = [
    ...(release === undefined ? [] : [`release ${release}`]),
    ...(machineTypes === undefined ? [] : ['machineTypes of the Project']),
  ];
  return {
    declared: [...new Set([...shipped, ...(machineTypes ?? [])])],
    origin: origin.join(' and '),
    map: machineTypeMap,
    probed,
    ...(release !== undefined && release in releaseDefaults && { default: releaseDefaults[release]! }),
  };
}
