import type { NameMapping } from '../../model/desired.js';
import { plural } from '../../model/format.js';
import type { ObservedNic } from '../../model/observed-source.js';
import { own } from '../../model/own.js';
import { looksLike } from '../../model/same-name.js';
import type { PlanContext } from '../core/plan-context.js';
import type { TargetProblem } from '../core/target-problem.js';

/** Every NIC goes somewhere, and every entry and mapping of the manifest is for something. */
export function nicDiagnostics(context: PlanContext): TargetProblem[] {
  if (context.desired.target.server === undefined) return uselessMapping(context);
  return [...unmappedNics(context), ...entriesTooMany(context), ...contradictions(context), ...unusedMappings(context)];
}

/** How people find a NIC: as vSphere shows it, by MAC, by network. */
export const nicText = ({ label, key, mac, network }: ObservedNic): string =>
  `${label ?? `NIC ${key}`} (${mac === '' ? 'no MAC' : `MAC ${mac}`}, network "${network}")`;

function unmappedNics({ desired: { target }, nics, vm }: PlanContext): TargetProblem[] {
  const given = target.server?.networks;
  return nics.flatMap(({ source, becomes, field }): TargetProblem[] =>
    becomes !== 'unmapped'
      ? []
      : [
          {
            code: 'MP2060',
            detail:
              given === undefined
                ? `${nicText(source)} is on a network that mapping.networks does not name`
                : `${nicText(source)} has no entry: target.server.networks has ${entries(given.length)}, and the source has ${plural(vm.nics.length, 'NIC')}`,
            nextSteps:
              given === undefined
                ? [
                    `add "${source.network}" to target.mapping.networks, with the name of a network, or skip to leave the NIC out`,
                    'or write target.server.networks, with one entry for each NIC in its order',
                  ]
                : ['add an entry for each NIC in its order; the entry skip leaves a NIC out'],
            field,
          },
        ],
  );
}

const entries = (count: number): string => (count === 1 ? '1 entry' : `${count} entries`);

function entriesTooMany({ desired: { target }, vm }: PlanContext): TargetProblem[] {
  const given = target.server?.networks ?? [];
  if (given.length <= vm.nics.length) return [];
  const nics = vm.nics.length === 0 ? 'no NIC' : `${plural(vm.nics.length, 'NIC')}: ${vm.nics.map(nicText).join(', ')}`;
  return [
    {
      code: 'MP2061',
      detail: `target.server.networks has ${entries(given.length)}, and the source has ${nics}`,
      nextSteps: ['remove the entries that are over: there is one for each NIC, in its order'],
      field: `spec.target.server.networks.${vm.nics.length}`,
    },
  ];
}

/** Without port security Neutron takes neither groups nor pairs, and an address is given in one place. */
function contradictions({ desired: { target } }: PlanContext): TargetProblem[] {
  return (target.server?.networks ?? []).flatMap((entry, index) => {
    if (entry === 'skip') return [];
    const { fixedIp, fixedIps, portSecurity, securityGroups = [], allowedAddressPairs = [] } = entry;
    const isOpen = portSecurity === false;
    const both: [boolean, string, string][] = [
      [fixedIp !== undefined && fixedIps !== undefined, 'fixedIp', 'fixedIps'],
      [isOpen && securityGroups.length > 0, 'portSecurity: false', 'securityGroups'],
      [isOpen && allowedAddressPairs.length > 0, 'portSecurity: false', 'allowedAddressPairs'],
    ];
    return both
      .filter(([isBoth]) => isBoth)
      .map(
        ([, one, other]): TargetProblem => ({
          code: 'MP2063',
          detail: `target.server.networks[${index}] has ${one} and ${other}: a port cannot have both`,
          nextSteps: [`remove ${one}, or ${other}`],
          field: `spec.target.server.networks.${index}`,
        }),
      );
  });
}

type Mapped = keyof NameMapping;

/** In the manifest itself only: a mapping in the Project is for all VMs, and most of it is for others. */
function unusedOf({ desired }: PlanContext, kind: Mapped, used: readonly string[]): string[] {
  const { target, ranges, file } = desired;
  return Object.keys(target.mapping?.[kind] ?? {}).filter(
    (key) => own(ranges, `spec.target.mapping.${kind}.${key}`)?.file === file && !used.some((name) => looksLike(name, key)),
  );
}

const unusedProblem = (kind: Mapped, key: string, why: string, nextStep: string): TargetProblem => ({
  code: 'MP2062',
  severity: 'warning',
  detail: `mapping.${kind} has "${key}", ${why}`,
  nextSteps: [nextStep],
  field: `spec.target.mapping.${kind}.${key}`,
});

const kinds = ['networks', 'flavors', 'keyPairs', 'securityGroups'] as const satisfies readonly Mapped[];

/** Names are looked up for a server alone. */
const uselessMapping = (context: PlanContext): TargetProblem[] =>
  kinds.flatMap((kind) =>
    unusedOf(context, kind, []).map((key) =>
      unusedProblem(kind, key, 'and without target.server no server is made', `write target.server, or remove "${key}"`),
    ),
  );

function unusedMappings(context: PlanContext): TargetProblem[] {
  const { desired, vm } = context;
  const { server } = desired.target;
  const unused = (kind: Mapped, used: readonly string[], why: string): TargetProblem[] =>
    unusedOf(context, kind, used).map((key) => unusedProblem(kind, key, why, `remove "${key}", or correct it`));
  const listed = server?.networks !== undefined;
  const networks = vm.nics.map(({ network }) => network);
  const { flavor, keyName } = vm.openstackGuest ?? {};
  return [
    ...unused(
      'networks',
      listed ? [] : networks,
      listed
        ? 'and target.server.networks is used instead'
        : `which no NIC of the source is on: ${[...new Set(networks)].map((name) => `"${name}"`).join(', ') || 'it has none'}`,
    ),
    ...unused('flavors', ...useOf('flavor', flavor, server?.flavor)),
    ...unused('keyPairs', ...useOf('key pair', keyName, server?.keyName)),
    ...unused('securityGroups', ...groupUse(context)),
  ];
}

function groupUse({ desired: { target }, vm }: PlanContext): [readonly string[], string] {
  const groups = vm.openstackGuest?.securityGroups ?? [];
  if (target.server?.securityGroups !== undefined) return [[], 'and target.server names the groups itself'];
  return [groups, `and no port of the source is in such a group${groups.length === 0 ? '' : `: ${groups.join(', ')}`}`];
}

/** What of the source is looked up, and why a key that it is not is of no use. */
function useOf(what: string, source: string | undefined, given: string | undefined): [string[], string] {
  if (source === undefined || source === '') return [[], `and the source has no ${what}`];
  if (given !== undefined) return [[], `and target.server names the ${what} itself`];
  return [[source], `which is not the ${what} of the source: "${source}"`];
}
