import type { Diagnostic } from '../../diag/diagnostic.js';
import type { DesiredMigration } from '../../model/desired.js';
import { grouped } from '../../model/grouped.js';
import { parseSelector, selects } from './label-selector.js';
import { nameMatcher } from './name-matcher.js';

/** What somebody asked for on the command line. */
export interface Selecting {
  readonly target?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly phase?: readonly string[] | undefined;
  /** Of labels: `wave=10,app in (erp,crm)`. */
  readonly selector?: readonly string[] | undefined;
}

/** The same as a list that a plan can keep: `vm/erp-*`, `!vm/erp-03`, `phase=sync`, `label:wave=10`. */
export const selectionOf = ({ target = [], exclude = [], phase = [], selector = [] }: Selecting): string[] => [
  ...target,
  ...exclude.map((pattern) => `!${pattern}`),
  ...phase.map((name) => `phase=${name}`),
  ...selector.map((text) => `label:${text.trim()}`),
];

interface Asked {
  readonly option: string;
  readonly text: string;
  readonly isMet: (migration: DesiredMigration) => boolean;
  /** Of what only the migration of this address meets. */
  readonly address?: string;
  /** Of a selector that cannot be read. */
  readonly wrong?: string;
}

/**
 * Migrations whose address answers to one of the patterns (`vm/erp-*`), and to none that is excluded (`!vm/erp-03`), of one of the given
 * phases (`phase=sync`), with labels that one of the selectors selects (`label:wave=10`); all without any of these. What selects nothing
 * at all by itself is a diagnostic.
 */
export function selectMigrations(
  migrations: readonly DesiredMigration[],
  patterns: readonly string[],
  option = '--target',
): { readonly selected: readonly DesiredMigration[]; readonly diagnostics: readonly Diagnostic[] } {
  const asked = grouped(
    patterns.map((pattern) => askedBy(pattern, option)),
    (one) => [one.option],
  );
  const of = (name: string): readonly Asked[] => asked.get(name) ?? [];
  const wanted = [option, '--phase', '--selector'].map(of).filter(({ length }) => length > 0);
  const isWanted = wanted.map(meetsOne);
  const isLeft = meetsOne(of('--exclude'));
  const selected = migrations.filter((migration) => isWanted.every((meets) => meets(migration)) && !isLeft(migration));
  const addresses = new Set(migrations.map(({ address }) => address));
  const diagnostics = [option, '--exclude', '--selector']
    .flatMap(of)
    .filter(({ address = '' }) => !addresses.has(address))
    .flatMap((one) => problemOf(migrations, one));
  return { selected, diagnostics };
}

/** Whole addresses are looked up: a plan that leaves some VMs out names each of them. */
function meetsOne(those: readonly Asked[]): (migration: DesiredMigration) => boolean {
  const addresses = new Set(those.map(({ address }) => address));
  const others = those.filter(({ address }) => address === undefined);
  return (migration) => addresses.has(migration.address) || others.some(({ isMet }) => isMet(migration));
}

function askedBy(pattern: string, option: string): Asked {
  if (pattern.startsWith('phase=')) {
    const text = pattern.slice('phase='.length);
    return { option: '--phase', text, isMet: ({ phase }) => phase === text };
  }
  if (pattern.startsWith('label:')) return bySelector(pattern.slice('label:'.length));
  const isLeft = pattern.startsWith('!');
  const text = isLeft ? pattern.slice(1) : pattern;
  const whole = text.startsWith('vm/') ? text : `vm/${text}`;
  const matches = nameMatcher(whole);
  const asked = { option: isLeft ? '--exclude' : option, text, isMet: ({ address }: DesiredMigration) => matches(address) };
  return whole.includes('*') ? asked : { ...asked, address: whole };
}

function bySelector(text: string): Asked {
  const asked = { option: '--selector', text };
  const parsed = parseSelector(text);
  if ('wrong' in parsed) return { ...asked, isMet: () => false, wrong: parsed.wrong };
  return { ...asked, isMet: ({ labels }) => selects(parsed.selector, labels) };
}

function problemOf(migrations: readonly DesiredMigration[], { option, text, isMet, wrong }: Asked): Diagnostic[] {
  if (wrong !== undefined) return [unreadable(text, wrong)];
  if (migrations.some(isMet)) return [];
  const detail = `${option} ${text} matches no migration`;
  const nextSteps = option === '--selector' ? [knownLabels(migrations)] : [knownAddresses(migrations)];
  return [{ severity: 'error', code: 'MP1016', detail, nextSteps }];
}

const unreadable = (text: string, wrong: string): Diagnostic => ({
  severity: 'error',
  code: 'MP1040',
  detail: `--selector ${JSON.stringify(text)} cannot be read: ${wrong}`,
  nextSteps: ["write conditions on labels as kubectl takes them: --selector 'wave=10,app in (erp,crm),!hold'"],
});

const KNOWN_MAX = 5;

const knownAddresses = (migrations: readonly DesiredMigration[]): string =>
  `addresses look like vm/NAME; known: ${migrations
    .slice(0, KNOWN_MAX)
    .map(({ address }) => address)
    .join(', ')}`;

const LABELS_MAX = 20;

/** Labels that manifests have, each with how many have it; the most common first. */
function knownLabels(migrations: readonly DesiredMigration[]): string {
  const counts = new Map<string, number>();
  for (const { labels } of migrations)
    for (const [key, value] of Object.entries(labels)) counts.set(`${key}=${value}`, (counts.get(`${key}=${value}`) ?? 0) + 1);
  if (counts.size === 0) return 'no manifest has labels: give them in metadata.labels';
  const sorted = [...counts].sort(([a, many], [b, few]) => few - many || (a < b ? -1 : 1));
  const more = sorted.length > LABELS_MAX ? `, and ${sorted.length - LABELS_MAX} more` : '';
  const listed = sorted.slice(0, LABELS_MAX).map(([label, count]) => `${label} (${count})`);
  return `labels that manifests have: ${listed.join(', ')}${more}`;
}
