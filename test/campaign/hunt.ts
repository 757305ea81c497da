import fc from 'fast-check';
import type { Figures } from './figures.js';
import type { Violation } from './oracle.js';
import { play } from './play.js';
import type { Stage } from './player.js';
import { type Story, stories } from './story.js';

const SHRINK_MAX_MS = 90_000;

export interface Found {
  readonly violation: Violation;
  /** The shortest story that breaks the same rule. */
  readonly story: Story;
}

export interface Hunt {
  readonly stage: Stage;
  readonly figures: Figures;
  /** Kinds that were found before: counted, and passed over. */
  readonly known: Map<string, number>;
  /** Called at once when a rule is broken that is not known; it takes a while to find the shortest story. */
  readonly onBroken?: (kind: string) => void;
  /** How long a story may be made shorter. */
  readonly shrinkMs?: number;
}

/** Plays so many random stories, all of them drawn from `seed`; the first that breaks a rule not known is made as short as it gets. */
export async function hunt(
  seed: number,
  worlds: number,
  { stage, figures, known, shrinkMs = SHRINK_MAX_MS, onBroken }: Hunt,
): Promise<Found | undefined> {
  let first: Violation | undefined;
  let last: Violation | undefined;
  let until = Number.POSITIVE_INFINITY;
  const property = fc.asyncProperty(stories, async (story) => {
    if (Date.now() >= until) return;
    const violation = await play(story, stage, first === undefined ? figures : undefined);
    if (violation === undefined) return;
    if (known.has(violation.kind)) {
      if (first === undefined) known.set(violation.kind, known.get(violation.kind)! + 1);
      return;
    }
    if (first !== undefined && first.kind !== violation.kind) return;
    if (first === undefined) {
      until = Date.now() + shrinkMs;
      onBroken?.(violation.kind);
    }
    first ??= violation;
    last = violation;
    throw violation;
  });
  const { failed, counterexample } = await fc.check(property, { seed, numRuns: worlds });
  if (!failed || last === undefined) return undefined;
  return shorten({ violation: last, story: counterexample![0] }, stage, until);
}

/** Leaves out what can be left out, one step after the other: passages are made shorter as a whole only. */
async function shorten({ violation, story }: Found, stage: Stage, until: number): Promise<Found> {
  for (let index = story.steps.length - 1; index >= 0 && Date.now() < until; index--) {
    const shorter = { ...story, steps: story.steps.filter((_, at) => at !== index) };
    const again = await play(shorter, stage);
    if (again?.kind === violation.kind) return shorten({ violation: again, story: shorter }, stage, until);
  }
  return { violation, story };
}
