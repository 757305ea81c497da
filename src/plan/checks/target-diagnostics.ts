import type { PlanContext } from '../core/plan-context.js';
import type { TargetProblem } from '../core/target-problem.js';

const NAMES_SHOWN_MAX = 8;

/** Names that the target does not have. */
export function unknownNames({ desired, observed: { catalog }, nics: fates, destination }: PlanContext): TargetProblem[] {
  const missing = (what: string, name: string | undefined, known: readonly string[], field: string): TargetProblem[] =>
    name === undefined || known.length === 0 || known.includes(name)
      ? []
      : [
          {
            code: 'MP2020',
            detail: `${desired.target.provider} has no ${what} "${name}"`,
            nextSteps: [`known: ${known.slice(0, NAMES_SHOWN_MAX).join(', ')}`],
            field,
          },
        ];
  const { volumeType, availabilityZone } = desired.target;
  const { server, nics = [], availabilityZone: serverZone } = destination ?? {};
  const zoneField = 'spec.target.server.availabilityZone';
  const { securityGroups = [], keyPairs } = catalog;
  const hasNoKeys = keyPairs?.length === 0 && server?.keyName !== undefined;
  return [
    ...missing('volume type', volumeType, catalog.volumeTypes, 'spec.target.volumeType'),
    ...missing('availability zone of volumes', availabilityZone, catalog.availabilityZones, 'spec.target.availabilityZone'),
    ...missing('availability zone of servers', serverZone, catalog.serverZones ?? [], zoneField),
    ...missing('flavor', server?.flavor, catalog.flavors, 'spec.target.server.flavor'),
    ...fates.flatMap(({ becomes, field }) =>
      typeof becomes === 'string' ? [] : missing('network', becomes.network, catalog.networks, field),
    ),
    ...[...new Set(nics.flatMap(({ securityGroups: wanted = [] }) => wanted))].flatMap((group) =>
      missing('security group', group, securityGroups, 'spec.target.server.securityGroups'),
    ),
    ...missing('key pair', server?.keyName, keyPairs ?? [], 'spec.target.server.keyName'),
    ...(hasNoKeys ? [noKeyPairs(desired.target.provider, server.keyName)] : []),
  ];
}

/** An empty list is an answer here: key pairs are the user's own, and a new user has none. */
const noKeyPairs = (provider: string, name: string | undefined): TargetProblem => ({
  code: 'MP2020',
  detail: `${provider} has no key pair "${name}": this user has none`,
  nextSteps: ['key pairs belong to a user: make one with the credentials migplan uses, or remove keyName'],
  field: 'spec.target.server.keyName',
});

/** A smaller flavor is a choice people make, so it is said and not forbidden. */
export function flavorDiagnostics({ observed: { catalog }, destination, vm }: PlanContext): TargetProblem[] {
  const wanted = destination?.server.flavor;
  const flavor = catalog.flavorSizes?.find(({ id }) => id === wanted) ?? catalog.flavorSizes?.find(({ name }) => name === wanted);
  if (flavor === undefined) return [];
  const less = [
    ...(flavor.cpus < vm.cpus ? [`${flavor.cpus} of ${vm.cpus} vCPUs`] : []),
    ...(flavor.memoryMiB < vm.memoryMiB ? [`${flavor.memoryMiB} of ${vm.memoryMiB} MiB of memory`] : []),
  ];
  if (less.length === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'MP2031',
      detail: `flavor "${flavor.name}" has ${less.join(' and ')} that the source VM has`,
      nextSteps: ['choose a larger flavor, or leave it when that is meant'],
      field: 'spec.target.server.flavor',
    },
  ];
}
