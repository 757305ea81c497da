import { editDistance } from '../model/edit-distance.js';

const NEAREST_MAX = 3;
/** Each answer is a comparison with every name. Where thousands of VMs are not there it is the wrong place, and no slip of the pen. */
const ANSWERS_MAX = 100;

/** Of one look at a provider: what could have been meant by names that it does not have. */
export class Nearest<T> {
  private answers = 0;

  constructor(
    private readonly candidates: readonly T[],
    private readonly nameOf: (candidate: T) => string,
  ) {}

  /** The likeliest first; none when nothing comes near, or when too many were asked for before. */
  to(wanted: string): T[] {
    return this.answers++ < ANSWERS_MAX ? this.compared(wanted.toLowerCase()) : [];
  }

  private compared(name: string): T[] {
    const tolerance = Math.max(2, Math.floor(name.length / 3));
    return this.candidates
      .map((candidate) => ({ candidate, distance: editDistance(name, this.nameOf(candidate).toLowerCase()) }))
      .filter(({ distance }) => distance <= tolerance)
      .sort((a, b) => a.distance - b.distance)
      .slice(0, NEAREST_MAX)
      .map(({ candidate }) => candidate);
  }
}
