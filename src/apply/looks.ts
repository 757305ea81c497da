import type { PrivilegeCheck } from '../contracts/privileges.js';
import type { SourceProvider } from '../contracts/source-provider.js';
import type { TargetProvider } from '../contracts/target-provider.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { DesiredMigration } from '../model/desired.js';
import type { VmRef } from '../model/ids.js';
import type { SourceUse } from '../model/source-use.js';
import { type CheckIdOf, checkTable, idsOf, type Station } from '../plan/checks/check-table.js';
import { allowed, type Ran } from '../plan/checks/judge.js';
import type { Action, ActionMap } from '../plan/core/action.js';
import { needsPrograms, usesOf } from '../plan/core/action-table.js';
import { blockerDiagnostic } from '../plan/core/plan-context.js';
import type { TargetProblem } from '../plan/core/target-problem.js';
import { errorDiagnostics } from './error-diagnostics.js';

/** What is to be done, as far as it matters for what must be there. */
export interface Work {
  readonly moves: boolean;
  readonly converts: boolean;
  /** The guest that is converted; `windows`: any that might be. Absent: none, or what becomes of it is decided already. */
  readonly guest?: ActionMap['convert'] | 'windows';
}

/** Whose privileges are looked at, and what for. */
export interface VmUse {
  readonly vm: VmRef;
  readonly uses: ReadonlySet<SourceUse>;
  /** What was asked for several VMs at once; absent: it is asked for this one. */
  readonly known?: readonly PrivilegeCheck[];
}

/** What a look may use; it needs no VM. */
export interface LookSubject {
  readonly work: Work;
  /** Absent: no provider is looked at. */
  readonly source?: SourceProvider;
  readonly target?: TargetProvider;
  /** Absent: nothing is done to a VM. */
  readonly use?: VmUse;
  readonly station: Station;
}

/** The same for one VM. */
export interface VmLookSubject {
  readonly desired: DesiredMigration;
  readonly vm: VmRef;
  /** What is still to be done; never empty. */
  readonly actions: readonly Action[];
  readonly source: SourceProvider;
  readonly target: TargetProvider;
  readonly station: Station;
  /** What was asked for all VMs of a plan at once; absent: it is asked for this one. */
  readonly privileges?: readonly PrivilegeCheck[];
}

/** Tries something and changes nothing that stays. Remote trouble is thrown as ever. */
export type Look = (subject: LookSubject) => Promise<readonly TargetProblem[]>;

/** One for each row of the table that has to be tried out. */
export type Looks = { readonly [Id in CheckIdOf<'look'>]: Look };

export function workOf(actions: readonly Action[]): Work {
  const guest = actions.find((action) => action.kind === 'convert');
  return {
    moves: actions.some((action) => needsPrograms(action, 'transfer')),
    converts: actions.some((action) => needsPrograms(action, 'conversion')),
    ...(guest === undefined ? {} : { guest }),
  };
}

/**
 * All looks at what one migration needs. What this machine lacks is a warning in a plan, which may be applied by another; before
 * the VM is touched it is an error.
 */
export async function look(looks: Looks, subject: VmLookSubject, ran?: Ran): Promise<Diagnostic[]> {
  const { vm, actions, station, source, target, privileges } = subject;
  const use = { vm, uses: usesOf(actions), ...(privileges === undefined ? {} : { known: privileges }) };
  const found: Diagnostic[] = [];
  for (const id of idsOf('look')) {
    const isElsewhere = station === 'plan' && checkTable[id].about === 'machine';
    const told = await tried(id, () => looks[id]({ work: workOf(actions), source, target, use, station }), subject);
    const weighed = told.map((one): Diagnostic => (isElsewhere ? { ...one, severity: 'warning' } : one));
    ran?.(id, weighed);
    found.push(...weighed);
  }
  return found;
}

/** A host that this machine does not reach may be reached from where the plan is applied. */
async function tried(
  id: CheckIdOf<'look'>,
  one: () => ReturnType<Look>,
  { desired, station }: VmLookSubject,
): Promise<readonly Diagnostic[]> {
  try {
    const problems = await one();
    return problems.map(({ severity = 'error', address = desired.address, nextSteps = [], ...rest }) =>
      allowed(id, { ...blockerDiagnostic(desired, address, { nextSteps, ...rest }), severity }),
    );
  } catch (error) {
    const told = station === 'plan' && checkTable[id].about === 'machine' ? errorDiagnostics(error, desired.address) : undefined;
    if (told === undefined) throw error;
    return told;
  }
}

/** One look without a VM: what it finds at this address. */
export async function lookAt(
  looks: Looks,
  id: CheckIdOf<'look'>,
  { address, ...subject }: PlaceLookSubject,
): Promise<Diagnostic[]> {
  const problems = await looks[id](subject);
  return problems.map(({ severity = 'error', code, detail, nextSteps }) =>
    allowed(id, { severity, code, detail, address, ...(nextSteps === undefined ? {} : { nextSteps }) }),
  );
}

export interface PlaceLookSubject extends LookSubject {
  /** Who is told of: `provider/NAME`. */
  readonly address: string;
}
