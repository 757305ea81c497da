import { editDistance } from '../../model/edit-distance.js';

const lengthMax = 100;
/** `cbt_sync`, `CBT-Sync` and `cbtSync` are the same word to a person. */
const folded = (word: string): string => word.toLowerCase().replace(/[\s_-]/g, '');

/** The candidate somebody most likely meant by `word`, or undefined when none is close. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > lengthMax) return undefined;
  const wanted = folded(word);
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, folded(candidate));
    const near = distance <= Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3));
    if (near && (best === undefined || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate;
}
