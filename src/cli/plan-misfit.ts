import { invariant } from '../diag/diagnostic.js';
import type { Misfit } from '../plan/file/decode-plan-file.js';
import { fitsPlan } from './plan-validator.js';

/** Tells by the published schema what of a plan is missing, unknown or of another type. */
export function planMisfit(): Misfit {
  return (value) => {
    if (fitsPlan(value)) return undefined;
    // Of alternatives, the one that came furthest is the one that was meant.
    const [nearest] = (fitsPlan.errors ?? []).toSorted((a, b) => b.instancePath.length - a.instancePath.length);
    invariant(nearest !== undefined, 'a plan does not fit its schema without a reason');
    return `its ${nearest.instancePath.slice(1) || 'content'} ${nearest.message}`;
  };
}
