import { grantPrivileges, makeRole } from '../../contracts/grant-privileges.js';
import type { PrivilegeCheck } from '../../contracts/privileges.js';
import type { Diagnostic } from '../../diag/diagnostic.js';
import type { DesiredMigration } from '../../model/desired.js';
import type { VmLookup } from '../../model/observed-source.js';
import { notFoundDiagnostic } from '../../plan/checks/source-checks.js';
import type { Runtime } from '../../runtime.js';
import type { Check } from './check.js';
import { checkRow } from './check-row.js';
import { phaseOf, phases } from './look-checks.js';

const NAMES_MAX = 3;

/** Every privilege of the table on every VM that manifests take from this vCenter, and on their datastores. */
export async function vcenterChecks(runtime: Runtime, name: string): Promise<Check[]> {
  const rows: Check[] = [];
  const whole = await checkRow(`${name}: in all`, async () => {
    const source = await runtime.source(name);
    const migrations = runtime.loaded.migrations.filter((migration) => migration.source.provider === name);
    const lookups = migrations.length === 0 ? [] : await source.observe(migrations.map((migration) => migration.source.vm));
    const named = addressesOf(migrations, lookups);
    const asked = { vms: [...named.keys()], storage: true };
    const checks = ((await source.checkPrivileges?.(asked)) ?? []).map((check) => withAddress(check, named));
    rows.push(...missingRows(name, migrations, lookups), ...groupsOf(checks).map((group) => rowOf(name, group)));
    return { found: summary(checks), diagnostics: [] };
  });
  return [...rows, whole];
}

type Named = ReadonlyMap<NonNullable<PrivilegeCheck['vm']>, readonly string[]>;

/** By VM, which migrations it is the source of. */
function addressesOf(migrations: readonly DesiredMigration[], lookups: readonly VmLookup[]): Named {
  const named = new Map<NonNullable<PrivilegeCheck['vm']>, string[]>();
  for (const [index, { address }] of migrations.entries()) {
    const lookup = lookups[index]!;
    if (lookup.kind === 'found') named.set(lookup.vm.ref, [...(named.get(lookup.vm.ref) ?? []), address]);
  }
  return named;
}

/** A check with what people call its object. */
interface NamedCheck extends PrivilegeCheck {
  readonly label: string;
}

function withAddress(check: PrivilegeCheck, named: Named): NamedCheck {
  const addresses = check.vm === undefined ? undefined : named.get(check.vm);
  if (addresses === undefined) return { ...check, label: check.object };
  return { ...check, label: addresses.join(', '), object: `${check.object} (${addresses.join(', ')})` };
}

const missingRows = (name: string, migrations: readonly DesiredMigration[], lookups: readonly VmLookup[]): Check[] =>
  migrations.flatMap((desired, index) => {
    const lookup = lookups[index]!;
    if (lookup.kind === 'found') return [];
    const diagnostic: Diagnostic = { ...notFoundDiagnostic(desired, lookup), severity: 'warning' };
    return [{ name: `${name}: ${desired.address}`, found: 'not known: there is no such VM', diagnostics: [diagnostic] }];
  });

/** Objects of which the same is true. */
interface Group {
  readonly objects: readonly string[];
  readonly labels: readonly string[];
  readonly checks: readonly NamedCheck[];
}

function groupsOf(checks: readonly NamedCheck[]): Group[] {
  const alike = (of: readonly NamedCheck[]): string =>
    JSON.stringify(of.map(({ privilege, verdict, why }) => [privilege, verdict, why]));
  return grouped(
    grouped(checks, ({ object }) => object),
    alike,
  ).map((members) => ({
    objects: members.map(([first]) => first!.object),
    labels: members.map(([first]) => first!.label),
    checks: members[0]!,
  }));
}

/** In the order of their first members. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()];
}

function rowOf(name: string, group: Group): Check {
  const { labels, checks } = group;
  const shown = labels.slice(0, NAMES_MAX).join(', ');
  const more = labels.length > NAMES_MAX ? ` and ${labels.length - NAMES_MAX} more` : '';
  const told = phases.flatMap((phase) => {
    const mine = checks.filter(({ use, evidence }) => phaseOf[use] === phase && evidence === 'certain');
    return mine.length === 0 ? [] : [`${phase}: ${words[worst(mine)]}`];
  });
  const diagnostics = diagnosticsOf(name, group);
  return { name: `${name}: ${shown}${more}`, found: told.join(', '), diagnostics };
}

const words = { allowed: 'allowed', refused: 'refused', unknown: 'not known' } as const;

function worst(checks: readonly PrivilegeCheck[]): PrivilegeCheck['verdict'] {
  const verdicts = checks.map(({ verdict }) => verdict);
  if (verdicts.includes('refused')) return 'refused';
  return verdicts.includes('unknown') ? 'unknown' : 'allowed';
}

function diagnosticsOf(name: string, { objects, checks }: Group): Diagnostic[] {
  const on = objects.length === 1 ? objects[0]! : `${objects.length} objects`;
  const lines = objects.length === 1 ? {} : { lines: objects.map((object) => `| ${object}`) };
  const base = { severity: 'warning', address: `provider/${name}`, ...lines } as const;
  const refused = checks.filter(({ verdict }) => verdict === 'refused');
  const needed = refused.filter(({ evidence }) => evidence === 'certain');
  const guides = refused.filter(({ evidence }) => evidence !== 'certain');
  const unknown = checks.filter(({ verdict }) => verdict === 'unknown');
  const isFatal = needed.some(({ use }) => phaseOf[use] === 'plan');
  return [
    ...said(needed, (list) => ({
      ...base,
      severity: isFatal ? 'error' : 'warning',
      code: 'MP5008',
      detail: `the account lacks on ${on}: ${list.map((one) => `${one.privilege} (${phaseOf[one.use]})`).join(', ')}`,
      nextSteps: [grantPrivileges(list.map(({ privilege }) => privilege)), makeRole],
    })),
    ...said(unknown, (list) => ({
      ...base,
      code: 'MP5009',
      detail: `on ${on} it is not known of ${list.map(({ privilege }) => privilege).join(', ')}: ${list[0]!.why ?? ''}`,
    })),
    ...said(guides, (list) => ({
      ...base,
      code: 'MP5010',
      detail: `the account lacks on ${on}: ${list.map((one) => `${one.privilege} (${guideOf[one.evidence]})`).join(', ')}`,
      nextSteps: [
        'try one seed: migplan plan, then migplan apply; what follows is needed only if a disk cannot be opened',
        grantPrivileges(list.map(({ privilege }) => privilege)),
      ],
    })),
  ];
}

const guideOf = {
  certain: 'needed',
  documented: "VMware's guide to VDDK asks for it",
  uncertain: 'guides of other products that use VDDK ask for it',
} as const satisfies Record<PrivilegeCheck['evidence'], string>;

const said = (checks: readonly NamedCheck[], tell: (checks: readonly NamedCheck[]) => Diagnostic): Diagnostic[] =>
  checks.length === 0 ? [] : [tell(checks)];

/** A phase needs what the ones before it need. */
function summary(checks: readonly PrivilegeCheck[]): string {
  const answers = { allowed: 'yes', refused: 'no', unknown: 'not known' } as const;
  return phases
    .map((phase, index) => {
      const upTo = phases.slice(0, index + 1);
      const needed = checks.filter(({ use, evidence }) => evidence === 'certain' && upTo.includes(phaseOf[use]));
      return `${phase}: ${needed.length === 0 ? 'not known' : answers[worst(needed)]}`;
    })
    .join(', ');
}
