import type { Diagnostic } from './diag/diagnostic.js';
import type { DesiredMigration } from './model/desired.js';

/** Migrations whose address answers to one of the patterns (`vm/erp-*`); all without a pattern. Unknown ones are diagnostics. */
export function selectMigrations(
  migrations: readonly DesiredMigration[],
  patterns: readonly string[],
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
      detail: `--target ${pattern} matches no migration`,
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

/** `*` stands for any text; the whole name must match. */
export function nameMatcher(pattern: string): (name: string) => boolean {
  const expression = new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
      .join('.*')}$`,
  );
  return (name) => expression.test(name);
}
