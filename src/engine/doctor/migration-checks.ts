import { type Act, askedOf, privilegesOfAll } from '../../apply/look-at-privileges.js';
import { type Looks, lookAt, workOf } from '../../apply/looks.js';
import { type Diagnostic, hasErrors } from '../../diag/diagnostic.js';
import { systemClock } from '../../host/clock.js';
import type { DesiredMigration } from '../../model/desired.js';
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

/** How often a check ran, and all that it said. */
interface Standing {
  runs: number;
  readonly found: Diagnostic[];
}

/** A row of the table that nobody asked cannot be: each has its standing from the beginning. */
type Standings = { readonly [Id in CheckId]: Standing };

const noStandings = (): Standings =>
  Object.fromEntries(Object.keys(checkTable).map((id) => [id, { runs: 0, found: [] }])) as unknown as Standings;

/**
 * All checks of the table that are judged from what was observed, on these migrations, as plan runs them. No plan is made, and
 * nothing is written.
 */
export async function migrationChecks(runtime: Runtime, migrations: readonly DesiredMigration[]): Promise<Check[]> {
  if (migrations.length === 0) return [];
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
  for (const [index, { actions }] of plans.entries()) await lookAtGuest(runtime, { desired: migrations[index]!, actions, ran });
  const acts = plans.map(({ actions }, index) => ({ desired: migrations[index]!, observed: observed[index]!, actions }));
  await lookAtPrivileges(acts, { looks: runtime.looks, providers, ran });
  const told = new Set(Object.values(standings).flatMap(({ found }) => found));
  const others = plans.flatMap(({ diagnostics }) => diagnostics).filter((one) => !told.has(one));
  const rows = Object.entries(standings).flatMap(([id, standing]) => rowOf(id as CheckId, standing, migrations.length));
  return [...rows, { name: 'migrations: all else', found: `${migrations.length} looked at`, diagnostics: others }];
}

/** Of what has to be tried out, the drivers depend on the guest. */
async function lookAtGuest(runtime: Runtime, { desired, actions, ran }: Guest): Promise<void> {
  const id = 'windows-drivers';
  ran(id, await lookAt(runtime.looks, id, { address: desired.address, work: workOf(actions), station: 'doctor' }));
}

interface Asking {
  readonly looks: Looks;
  readonly providers: Providers;
  readonly ran: Ran;
}

/** What the next steps need on each VM, in one question. */
async function lookAtPrivileges(acts: readonly Act[], { looks, providers, ran }: Asking): Promise<void> {
  const asked = acts.flatMap((act) => askedOf(providers, act));
  const known = await privilegesOfAll(asked);
  for (const { desired, source, vm, actions } of asked) {
    const checks = known.get(desired.source.provider) ?? [];
    const use = { vm: vm.ref, uses: usesOf(actions), known: checks };
    const subject = { address: desired.address, work: workOf(actions), station: 'doctor', source, use } as const;
    ran('privileges', await lookAt(looks, 'privileges', subject));
  }
}

interface Guest {
  readonly desired: DesiredMigration;
  readonly actions: readonly Action[];
  readonly ran: Ran;
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
