import type { Diagnostic } from '../../diag/diagnostic.js';
import { editDistance } from '../../model/edit-distance.js';
import { own } from '../../model/own.js';
import { type derivedImageKeys, isPortableImageKey } from '../../model/portable-image-metadata.js';
import { isProviderType, type ProviderType, selectorFields, targetTypes, typesWithSelector } from '../../model/provider-types.js';
import { serverIdentityKey } from '../../model/sync-record.js';
import { fieldName } from '../base/field-name.js';
import type { Located } from '../base/located.js';
import { nearest } from '../base/nearest.js';
import { oneOf, placeFrom, problem, quoted } from '../base/problem.js';
import type { ProjectScope } from '../project/project-scope.js';
import type { ResolvedSpec } from '../schema/migration-shape.js';
import { addressProblems } from './address-problems.js';
import { readSwitches } from './phase.js';
import { sourceKindProblems } from './source-problems.js';

/** What the schema cannot tell about one Migration with defaults merged in. Windows are read apart. */
export function specProblems(spec: ResolvedSpec, located: Located, scope: ProjectScope): Diagnostic[] {
  return [
    ...switchProblems(spec, located),
    ...providerProblems(spec, located, scope),
    ...sourceKindProblems(spec, located, scope),
    ...machineTypeProblems(spec, located),
    ...imageMetadataProblems(spec, located),
    ...serverMetadataProblems(spec, located),
    ...addressProblems(spec, located),
  ];
}

function switchProblems(spec: ResolvedSpec, located: Located): Diagnostic[] {
  const reading = readSwitches(spec);
  if (reading.kind === 'goal') return [];
  const phaseAt = located.rangeOf(['spec', 'phase']);
  return reading.contradictions.map(({ field, why }) => {
    const at = located.rangeOf(['spec', field]);
    const given = `${field}: ${spec[field]}`;
    const other = `phase: ${spec.phase}`;
    return problem('MP1010', at, {
      detail: `${given} (${placeFrom(at, at)}) contradicts ${other} (${placeFrom(at, phaseAt)}): ${why}`,
      related: { source: phaseAt, detail: `${other} is given here` },
      nextSteps: [`Remove ${field}, which follows from ${other}`, ...otherWay(spec, field)],
    });
  });
}

/** The other way out: the switch is meant, the phase is not. */
function otherWay(spec: ResolvedSpec, field: 'cbtSync' | 'cutover'): string[] {
  if (field === 'cbtSync') return ['Or, to seed once and never again, write: phase: seed'];
  return spec.cutover === true
    ? ['Or, to shut down and convert the VM, write: phase: cutover']
    : ['Or, to bring the volumes up to date and keep the VM running, write: phase: sync'];
}

function providerProblems(spec: ResolvedSpec, located: Located, { providers, document }: ProjectScope): Diagnostic[] {
  if (providers === undefined) return [];
  const check = (side: 'source' | 'target', types: readonly ProviderType[]): Diagnostic[] => {
    const wanted = oneOf(types);
    const name = spec[side].provider;
    const path = ['spec', side, 'provider'];
    const found = providers.get(name);
    const fitting = [...providers].filter(([, provider]) => types.some((type) => type === provider.type)).map(([known]) => known);
    const choose =
      fitting.length > 0
        ? [`Providers of type ${wanted}: ${fitting.join(', ')}`]
        : [`Add a provider of type ${wanted} to spec.providers of the Project`];
    if (found === undefined) {
      const meant = nearest(name, fitting);
      const nextSteps = [...(meant ? [`Did you mean ${meant}? Write: provider: ${meant}`] : []), ...choose];
      return [
        problem('MP1011', located.rangeOf(path), {
          detail: `${fieldName(path)} is ${quoted(name)}, and the Project has no such provider`,
          nextSteps,
        }),
      ];
    }
    if (!isProviderType(found.type) || types.includes(found.type)) return [];
    const source = document?.keyRangeOf(['spec', 'providers', name]);
    return [
      problem('MP1019', located.rangeOf(path), {
        detail: `${fieldName(path)} is ${quoted(name)}, a provider of type ${found.type}; ${needs(side, wanted)}`,
        ...(source && { related: { source, detail: `${name} is defined here` } }),
        nextSteps: choose,
      }),
    ];
  };
  const selector = selectorFields.find((field) => spec.source[field] !== undefined);
  const needs = (side: string, type: string): string =>
    side === 'source' ? `source.${selector} needs one of type ${type}` : `a ${side} is of type ${type}`;
  return [...(selector === undefined ? [] : check('source', typesWithSelector(selector))), ...check('target', targetTypes)];
}

const specialTypes = ['preserve', 'default'] as const;

/** Any text can be a machine type somewhere, but not one that is a typing mistake away from a word of ours. */
function machineTypeProblems({ hwMachineType: type }: ResolvedSpec, located: Located): Diagnostic[] {
  const meant = type && specialTypes.find((word) => type !== word && editDistance(type.toLowerCase(), word) <= 2);
  if (!meant) return [];
  return [
    problem('MP1005', located.rangeOf(['spec', 'hwMachineType']), {
      detail: `hwMachineType is ${quoted(type)}, and must be ${oneOf([...specialTypes, 'a machine type such as pc or q35'])}`,
      nextSteps: [`Did you mean ${meant}? Write: hwMachineType: ${meant}`],
    }),
  ];
}

const derivedKeys: Readonly<Record<(typeof derivedImageKeys)[number], string>> = {
  hw_machine_type: 'it is what hwMachineType says',
  hw_firmware_type: 'it follows from the firmware of the source',
  os_secure_boot: 'it follows from the firmware of the source',
};

/** It says which VM a server was, and is what a second run knows the server by. */
function serverMetadataProblems({ target }: ResolvedSpec, located: Located): Diagnostic[] {
  if (own(target.server?.metadata ?? {}, serverIdentityKey) === undefined) return [];
  const path = ['spec', 'target', 'server', 'metadata', serverIdentityKey];
  const detail = `${fieldName(path)} cannot be given: migplan writes it`;
  return [problem('MP1005', located.rangeOf(path), { detail, nextSteps: [`Remove ${serverIdentityKey}`] })];
}

function imageMetadataProblems({ target }: ResolvedSpec, located: Located): Diagnostic[] {
  return Object.keys(target.imageMetadata ?? {}).flatMap((key) => {
    const why = own<string>(derivedKeys, key) ?? (isPortableImageKey(key) ? undefined : 'it belongs to one image of one cloud');
    if (why === undefined) return [];
    const path = ['spec', 'target', 'imageMetadata', key];
    const detail = `${fieldName(path)} cannot be given: ${why}`;
    const nextStep =
      key === 'hw_machine_type' ? `Write: hwMachineType: ${target.imageMetadata?.[key]}, and remove ${key}` : `Remove ${key}`;
    return [problem('MP1005', located.rangeOf(path), { detail, nextSteps: [nextStep] })];
  });
}
