import { editDistance } from '../model/edit-distance.js';

const NEAREST_MAX = 3;

/** The candidates whose names could have been meant, the likeliest first; none when nothing comes near. */
export function nearest<T>(wanted: string, candidates: readonly T[], nameOf: (candidate: T) => string): T[] {
  const name = wanted.toLowerCase();
  const tolerance = Math.max(2, Math.floor(name.length / 3));
  return candidates
    .map((candidate) => ({ candidate, distance: editDistance(name, nameOf(candidate).toLowerCase()) }))
    .filter(({ distance }) => distance <= tolerance)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, NEAREST_MAX)
    .map(({ candidate }) => candidate);
}
