import type { DesiredMigration } from '../../model/desired.js';
import { editDistance } from '../../model/edit-distance.js';
import { isOffered, type MachineTypeKnowledge } from '../../model/machine-types/knowledge.js';
import { machineFamily } from '../../model/machine-types/machine-type.js';
import { isPublishedType } from '../../model/machine-types/releases.js';
import type { ObservedVm } from '../../model/observed-source.js';
import { own } from '../../model/own.js';

/** What becomes of hwMachineType on one cloud. */
export type MachineTypeChoice =
  /** Nothing is written: the destination's default applies. */
  | { readonly kind: 'default' }
  | {
      readonly kind: 'written';
      readonly type: string;
      /** false: nothing is known of this cloud's types. */
      readonly checked: boolean;
      /** The type that was asked for, when another one stands in for it. */
      readonly fallback?: MachineTypeFallback;
    }
  | { readonly kind: 'refused'; readonly type: string; readonly why: string; readonly nextSteps: readonly string[] };

export interface MachineTypeFallback {
  readonly of: string;
  /** `project`: machineTypeMap says so; `family`: the cloud's own type of the same chipset, a lesser match. */
  readonly by: 'project' | 'family';
}

/** The machine that the guest ran on, wherever its source notes that. */
export const recordedMachineType = ({ machineType, openstackGuest }: ObservedVm): string | undefined =>
  machineType ?? openstackGuest?.machineType?.value;

/** The type asked for, before the cloud is looked at. undefined: none, as where the source cloud recorded none. */
export function requestedMachineType({ hwMachineType }: DesiredMigration, vm: ObservedVm): string | undefined {
  if (hwMachineType === 'default') return undefined;
  if (hwMachineType !== 'preserve') return hwMachineType;
  if (vm.traits.conversion === 'none') return recordedMachineType(vm);
  return vm.firmware === 'efi' ? 'q35' : 'pc';
}

/**
 * Exact where the cloud has the type; else what the Project's map says; else, for a type that another distribution or release
 * spells so, the cloud's own of the same chipset. A name that is published nowhere is refused, and so is what a probe failed.
 */
export function chooseMachineType(requested: string | undefined, cloud: MachineTypeKnowledge): MachineTypeChoice {
  if (requested === undefined) return { kind: 'default' };
  const mapped = own(cloud.map, requested);
  if (mapped !== undefined && mapped !== requested) {
    const choice = checkOffered(mapped, cloud);
    return choice.kind === 'written' ? { ...choice, fallback: { of: requested, by: 'project' } } : choice;
  }
  const choice = checkOffered(requested, cloud);
  if (choice.kind !== 'refused') return choice;
  const family = machineFamily(requested);
  const isForeignName = isPublishedType(requested) && own(cloud.probed, requested) === undefined;
  if (isForeignName && (family === 'pc' || family === 'q35') && isOffered(cloud, family) === true) {
    return { kind: 'written', type: family, checked: true, fallback: { of: requested, by: 'family' } };
  }
  return choice;
}

function checkOffered(type: string, cloud: MachineTypeKnowledge): MachineTypeChoice {
  if (machineFamily(type) === 'none') {
    const why = `machine type "${type}" has no place for the disks and firmware of a PC guest`;
    return { kind: 'refused', type, why, nextSteps: ['set hwMachineType: preserve, pc or q35'] };
  }
  const offered = isOffered(cloud, type);
  if (offered !== false) return { kind: 'written', type, checked: offered === true };
  return { kind: 'refused', type, ...refusal(type, cloud) };
}

const TYPES_SHOWN_MAX = 12;

function refusal(type: string, cloud: MachineTypeKnowledge): { why: string; nextSteps: string[] } {
  const answer = own(cloud.probed, type);
  const known = knownTypes(cloud);
  const why =
    answer === undefined
      ? `machine type "${type}" is not among those of ${cloud.origin ?? 'the cloud'}`
      : `machine type "${type}" was tried on ${answer.at.slice(0, 10)} and a server with it did not start`;
  const close = nearestType(type, known);
  const more = known.length > TYPES_SHOWN_MAX ? ` and ${known.length - TYPES_SHOWN_MAX} more` : '';
  return {
    why,
    nextSteps: [
      ...(close === undefined ? [] : [`nearest: hwMachineType: ${close}`]),
      ...(known.length === 0 ? [] : [`known: ${known.slice(0, TYPES_SHOWN_MAX).join(', ')}${more}`]),
      answer === undefined
        ? `if the cloud has it: migplan doctor --probe-machine-types --type ${type}`
        : `if the cloud has it by now: migplan doctor --probe-machine-types --type ${type}`,
    ],
  };
}

/** Listed and not found missing, or found to run; the family names first. */
function knownTypes({ declared = [], probed }: MachineTypeKnowledge): string[] {
  const running = Object.keys(probed).filter((type) => own(probed, type)?.runs);
  const all = [...new Set([...running, ...declared])].filter((type) => own(probed, type)?.runs !== false);
  return all.sort((a, b) => rank(a) - rank(b));
}

const rank = (type: string): number => (type === 'pc' || type === 'q35' ? 0 : 1);

/** Of the same chipset when its name tells one; the distance of names decides. */
function nearestType(type: string, known: readonly string[]): string | undefined {
  const family = machineFamily(type);
  const fitting = known.filter((candidate) => family === 'unknown' || machineFamily(candidate) === family);
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of fitting) {
    const distance = editDistance(type, candidate);
    if (best === undefined || distance < best.distance) best = { candidate, distance };
  }
  return best?.candidate;
}
