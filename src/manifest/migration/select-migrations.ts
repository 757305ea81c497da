import type { Diagnostic } from '../../diag/diagnostic.js';
import type { DesiredMigration } from '../../model/desired.js';

/** Migrations whose address answers to one of the patterns (`vm/erp-*`); all without a pattern. Unknown ones are diagnostics. */
export function selectMigrations(
  migrations: readonly DesiredMigration[],
  patterns: readonly string[],
  option = '--target',
): { readonly selected: readonly DesiredMigration[]; readonly diagnostics: readonly Diagnostic[] } {
  if (patterns.length === 0) return { selected: migrations, diagnostics: [] };
  const matchers = patterns.map((pattern) => ({ pattern, matches: matcher(pattern) }));
  const selected = migrations.filter(({ address }) => matchers.some(({ matches }) => matches(address)));
  const unmatched = matchers.filter(({ matches }) => !migrations.some(({ address }) => matches(address)));
  return {
    selected,
    diagnostics: unmatched.map(({ pattern }) => ({
      severity: 'error',
      code: 'MP1016',
      detail: `${option} ${pattern} matches no migration`,
      nextSteps: [
        `addresses look like vm/NAME; known: ${migrations
          .slice(0, 5)
          .map(({ address }) => address)
          .join(', ')}`,
      ],
    })),
  };
}

const matcher = (pattern: string): ((address: string) => boolean) =>
  nameMatcher(pattern.startsWith('vm/') ? pattern : `vm/${pattern}`);

/** `*` stands for any text; the whole name must match. The time grows with the product of both lengths at most. */
export function nameMatcher(pattern: string): (name: string) => boolean {
  return (name) => {
    // Where the last `*` stands, and how much of the name it has taken so far.
    let [at, star, taken] = [0, -1, 0];
    for (let index = 0; index < name.length; ) {
      if (pattern[at] === '*') [star, taken, at] = [at, index, at + 1];
      else if (pattern[at] === name[index]) [at, index] = [at + 1, index + 1];
      else if (star >= 0) [at, taken, index] = [star + 1, taken + 1, taken + 1];
      else return false;
    }
    return /^\**$/.test(pattern.slice(at));
  };
}
