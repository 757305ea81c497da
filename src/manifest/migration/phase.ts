import type { Phase } from '../../model/desired.js';

export interface Switches {
  readonly phase?: Phase | undefined;
  readonly cbtSync?: boolean | undefined;
  readonly cutover?: boolean | undefined;
}

export interface Goal {
  readonly phase: Phase;
  readonly cbtSync: boolean;
  readonly cutover: boolean;
}

export type PhaseParseResult =
  | { readonly kind: 'goal'; readonly goal: Goal }
  | {
      readonly kind: 'contradiction';
      readonly contradictions: readonly { readonly field: 'cbtSync' | 'cutover'; readonly why: string }[];
    };

/**
 * What phase, cbtSync and cutover ask for together. Any of them may be left out; those given must agree.
 *
 * | given phase | cbtSync      | cutover      | means                                                                 |
 * |-------------|--------------|--------------|-----------------------------------------------------------------------|
 * | none        | none         | none         | seed: the phase that does least                                       |
 * | none        | any          | true         | cutover; cbtSync true unless given                                    |
 * | none        | false        | none, false  | seed, once: a volume that exists is an error                          |
 * | none        | true         | none, false  | sync                                                                  |
 * | none        | none         | false        | sync                                                                  |
 * | seed        | any          | none, false  | seed; cbtSync true unless given; false is the seed that runs once     |
 * | sync        | none, true   | none, false  | sync                                                                  |
 * | cutover     | any          | none, true   | cutover; cbtSync true unless given; false suits a VM without a volume |
 * | seed, sync  |              | true         | contradiction                                                         |
 * | sync        | false        |              | contradiction                                                         |
 * | cutover     |              | false        | contradiction                                                         |
 */
export function readSwitches({ phase, cbtSync, cutover }: Switches): PhaseParseResult {
  const derived = phase ?? derivePhase(cbtSync, cutover);
  const contradictions = [
    ...(derived === 'cutover' && cutover === false
      ? [{ field: 'cutover', why: 'phase cutover is the one that cuts over' } as const]
      : []),
    ...(derived !== 'cutover' && cutover === true
      ? [{ field: 'cutover', why: `phase ${derived} never shuts down or converts the guest` } as const]
      : []),
    ...(derived === 'sync' && cbtSync === false
      ? [{ field: 'cbtSync', why: 'phase sync brings existing volumes up to date' } as const]
      : []),
  ];
  if (contradictions.length > 0) return { kind: 'contradiction', contradictions };
  return { kind: 'goal', goal: { phase: derived, cbtSync: cbtSync ?? true, cutover: derived === 'cutover' } };
}

function derivePhase(cbtSync: boolean | undefined, cutover: boolean | undefined): Phase {
  if (cutover === true) return 'cutover';
  if (cbtSync === false) return 'seed';
  return cbtSync === undefined && cutover === undefined ? 'seed' : 'sync';
}
