import { type Act, askedOf, privilegesOfAll } from '../../apply/look-at-privileges.js';
import { type Looks, lookAt, workOf } from '../../apply/looks.js';
import { type Diagnostic, hasErrors } from '../../diag/diagnostic.js';
import { systemClock } from '../../host/clock.js';
import type { DesiredMigration } from '../../model/desired.js';
import { pushTo } from '../../model/grouped.js';
import { type CheckId, type CheckKind, checkTable } from '../../plan/checks/check-table.js';
import type { Ran } from '../../plan/checks/judge.js';
import type { Action } from '../../plan/core/action.js';
import { usesOf } from '../../plan/core/action-table.js';
import { planMigration } from '../../plan/plan-migration.js';
import { judgeTogether } from '../../plan/together/judge-together.js';
import { atOnceOf } from '../../plan/together/source-at-once.js';
import type { Runtime } from '../../runtime.js';
import { observe, type Providers } from '../../state/observe.js';
import type { Check } from './check.js';
import { asWarning, type DoctorPhase, isWithin, type PhaseCheck, phaseOf, phases } from './look-checks.js';

/** How often a check ran, and all that it said. */
interface Standing {
  runs: number;
  readonly found: Diagnostic[];
}

/** A row of the table that nobody asked cannot be: each has its standing from the beginning. */
type Standings = { readonly [Id in CheckId]: Standing };

const noStandings = (): Standings =>
  Object.fromEntries(Object.keys(checkTable).map((id) => [id, { runs: 0, found: [] }])) as unknown as Standings;

export interface MigrationChecks {
  readonly rows: readonly Check[];
  /** By provider, how it is with the privileges of its account for each phase. */
  readonly privileges: ReadonlyMap<string, readonly PhaseCheck[]>;
}

export const noMigrations: MigrationChecks = { rows: [], privileges: new Map() };

/**
 * All checks of the table that are judged from what was observed, on these migrations, as plan runs them. No plan is made, and
 * nothing is written. What has to be tried out for phases after `last` is a warning.
 */
export async function migrationChecks(
  runtime: Runtime,
  migrations: readonly DesiredMigration[],
  last: DoctorPhase,
): Promise<MigrationChecks> {
  if (migrations.length === 0) return noMigrations;
  const providers = await runtime.providers(migrations);
  const observed = await observe(migrations, providers, await runtime.state());
  const standings = noStandings();
  const ran: Ran = (id, found) => {
    standings[id].runs++;
    standings[id].found.push(...found);
  };
  const now = systemClock.now();
  const planned = migrations.map((desired, index) => ({
    desired,
    plan: planMigration(desired, observed[index]!, { now, ran }),
    catalog: observed[index]!.catalog,
    observed: observed[index]!,
  }));
  const plans = judgeTogether(planned, atOnceOf(runtime.project.limits), ran);
  for (const [index, { actions }] of plans.entries())
    await lookAtGuest(runtime, { desired: migrations[index]!, actions, ran, last });
  const acts = plans.map(({ actions }, index) => ({ desired: migrations[index]!, observed: observed[index]!, actions }));
  const privileges = await lookAtPrivileges(acts, { looks: runtime.looks, providers, ran, last });
  const told = new Set(Object.values(standings).flatMap(({ found }) => found));
  const others = plans.flatMap(({ diagnostics }) => diagnostics).filter((one) => !told.has(one));
  const rows = Object.entries(standings).flatMap(([id, standing]) => rowOf(id as CheckId, standing, migrations.length));
  const rest = { name: 'migrations: all else', found: `${migrations.length} looked at`, diagnostics: others };
  return { rows: [...rows, rest], privileges };
}

/** Of what has to be tried out, the drivers depend on the guest. */
async function lookAtGuest(runtime: Runtime, { desired, actions, ran, last }: Guest): Promise<void> {
  const id = 'windows-drivers';
  const found = await lookAt(runtime.looks, id, { address: desired.address, work: workOf(actions), station: 'doctor' });
  ran(id, isWithin(last, 'cutover') ? found : found.map(asWarning));
}

interface Asking {
  readonly looks: Looks;
  readonly providers: Providers;
  readonly ran: Ran;
  readonly last: DoctorPhase;
}

/** What the next steps need on each VM, in one question. Gives by provider how it is for each phase. */
async function lookAtPrivileges(
  acts: readonly Act[],
  { looks, providers, ran, last }: Asking,
): Promise<Map<string, PhaseCheck[]>> {
  const asked = acts.flatMap((act) => askedOf(providers, act));
  const known = await privilegesOfAll(asked);
  const rows = new Map<string, PhaseCheck[]>();
  for (const { desired, source, vm, actions } of asked) {
    const { provider } = desired.source;
    const lookFor = (isAsked: (phase: DoctorPhase) => boolean): Promise<Diagnostic[]> => {
      const uses = new Set([...usesOf(actions)].filter((one) => isAsked(phaseOf[one])));
      const use = { vm: vm.ref, uses, known: known.get(provider) ?? [] };
      const subject = { address: desired.address, work: workOf(actions), station: 'doctor', source, use } as const;
      return lookAt(looks, 'privileges', subject);
    };
    const later = await lookFor((phase) => !isWithin(last, phase));
    ran('privileges', [...(await lookFor((phase) => isWithin(last, phase))), ...later.map(asWarning)]);
    for (const phase of phases) {
      const diagnostics = await lookFor((one) => one === phase);
      const check = { name: desired.address, found: '', diagnostics };
      pushTo(rows, provider, { phase, id: 'privileges', check });
    }
  }
  return rows;
}

interface Guest {
  readonly desired: DesiredMigration;
  readonly actions: readonly Action[];
  readonly ran: Ran;
  readonly last: DoctorPhase;
}

/** What else is tried out stands in rows of its own, for this machine and each provider. */
const isJudged = ({ kind }: { readonly kind: CheckKind }, { runs }: Standing): boolean => kind !== 'look' || runs > 0;

function rowOf(id: CheckId, standing: Standing, of: number): Check[] {
  const { kind, looksAt } = checkTable[id];
  const { runs, found } = standing;
  if (!isJudged({ kind }, standing)) return [];
  const isAlone = kind === 'migration' && runs < of;
  const notAsked = isAlone ? ` (${of - runs} of ${of} not asked: converted, or blocked before)` : '';
  return [{ name: `migrations: ${id}`, found: hasErrors(found) ? '' : `${looksAt}${notAsked}`, diagnostics: found }];
}
