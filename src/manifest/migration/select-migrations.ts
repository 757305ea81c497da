import type { Diagnostic } from '../../diag/diagnostic.js';
import type { DesiredMigration } from '../../model/desired.js';

/** What somebody asked for on the command line. */
export interface Selecting {
  readonly target?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly phase?: readonly string[] | undefined;
}

/** The same as a list that a plan can keep: `vm/erp-*`, `!vm/erp-03`, `phase=sync`. */
export const selectionOf = ({ target = [], exclude = [], phase = [] }: Selecting): string[] => [
  ...target,
  ...exclude.map((pattern) => `!${pattern}`),
  ...phase.map((name) => `phase=${name}`),
];

/**
 * Migrations whose address answers to one of the patterns (`vm/erp-*`), and to none that is excluded (`!vm/erp-03`), of the given
 * phases (`phase=sync`); all without a pattern. Unknown addresses are diagnostics.
 */
export function selectMigrations(
  migrations: readonly DesiredMigration[],
  patterns: readonly string[],
  option = '--target',
): { readonly selected: readonly DesiredMigration[]; readonly diagnostics: readonly Diagnostic[] } {
  const phases = patterns.flatMap((pattern) => (pattern.startsWith('phase=') ? [pattern.slice('phase='.length)] : []));
  const left = patterns.flatMap((pattern) =>
    pattern.startsWith('!') ? [{ option: '--exclude', pattern: pattern.slice(1) }] : [],
  );
  const wanted = patterns.flatMap((pattern) => (/^(!|phase=)/.test(pattern) ? [] : [{ option, pattern }]));
  const [isWanted, isLeft] = [wanted, left].map((asked) => asked.map(({ pattern }) => matcher(pattern)));
  const selected = migrations.filter(
    ({ address, phase }) =>
      (isWanted!.length === 0 || isWanted!.some((matches) => matches(address))) &&
      !isLeft!.some((matches) => matches(address)) &&
      (phases.length === 0 || phases.includes(phase)),
  );
  return { selected, diagnostics: [...wanted, ...left].flatMap((asked) => unmatched(migrations, asked)) };
}

function unmatched(
  migrations: readonly DesiredMigration[],
  { option, pattern }: { readonly option: string; readonly pattern: string },
): Diagnostic[] {
  const matches = matcher(pattern);
  if (migrations.some(({ address }) => matches(address))) return [];
  const known = migrations.slice(0, 5).map(({ address }) => address);
  return [
    {
      severity: 'error',
      code: 'MP1016',
      detail: `${option} ${pattern} matches no migration`,
      nextSteps: [`addresses look like vm/NAME; known: ${known.join(', ')}`],
    },
  ];
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
