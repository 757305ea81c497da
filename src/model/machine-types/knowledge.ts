import { own } from '../own.js';
import { machineFamily } from './machine-type.js';

/** What a probe found: a blank server of this type came to ACTIVE, or did not while others did. */
export interface ProbedType {
  readonly runs: boolean;
  /** ISO time. */
  readonly at: string;
}

/** What is known of the machine types of one cloud: no API of OpenStack lists them. */
export interface MachineTypeKnowledge {
  /** Types of the Project's release and list; absent when the Project names neither. */
  readonly declared?: readonly string[];
  /** What `declared` is from, for people: `release rhoso-18`. */
  readonly origin?: string;
  /** What a server gets that names no type, where the release tells. */
  readonly default?: string;
  /** What the Project wants written in place of a type. */
  readonly map: Readonly<Record<string, string>>;
  /** Remembered answers of probes, by type. */
  readonly probed: Readonly<Record<string, ProbedType>>;
}

export const nothingKnown: MachineTypeKnowledge = { map: {}, probed: {} };

/**
 * Whether the cloud has a type: a probe's answer goes before the list. A family's own name is there when any of its
 * versions is: QEMU resolves it to the newest. undefined: there is neither list nor answer.
 */
export function isOffered({ declared, probed }: MachineTypeKnowledge, type: string): boolean | undefined {
  const answer = own(probed, type);
  if (answer !== undefined) return answer.runs;
  if (declared === undefined) return undefined;
  if (declared.includes(type)) return true;
  return (type === 'pc' || type === 'q35') && declared.some((known) => machineFamily(known) === type);
}
