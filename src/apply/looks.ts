import type { Diagnostic } from '../diag/diagnostic.js';
import type { DesiredMigration } from '../model/desired.js';
import type { ObservedVm } from '../model/observed.js';
import type { Action } from '../plan/action.js';
import { type CheckIdOf, checkTable, idsOf, type Station } from '../plan/check-table.js';
import { allowed, type Ran } from '../plan/judge.js';
import { blockerDiagnostic } from '../plan/scene.js';
import type { TargetProblem } from '../plan/target-problem.js';
import type { SourceProvider, TargetProvider } from '../providers/provider.js';
import { errorDiagnostics } from './error-diagnostics.js';

/** What a look may use. */
export interface LookSubject {
  readonly desired: DesiredMigration;
  readonly vm: ObservedVm;
  /** What is still to be done; never empty. */
  readonly actions: readonly Action[];
  readonly source: SourceProvider;
  readonly target: TargetProvider;
  readonly station: Station;
}

/** Tries something and changes nothing that stays. Remote trouble is thrown as ever. */
export type Look = (subject: LookSubject) => Promise<readonly TargetProblem[]>;

/** One for each row of the table that has to be tried out. */
export type Looks = { readonly [Id in CheckIdOf<'look'>]: Look };

/**
 * All looks at what one migration needs. What this machine lacks is a warning in a plan, which may be applied by another; before
 * the VM is touched it is an error.
 */
export async function look(looks: Looks, subject: LookSubject, ran?: Ran): Promise<Diagnostic[]> {
  const { station } = subject;
  const found: Diagnostic[] = [];
  for (const id of idsOf('look')) {
    ran?.(id);
    const isElsewhere = station === 'plan' && checkTable[id].about === 'machine';
    const told = await tried(id, looks[id], subject);
    found.push(...told.map((one): Diagnostic => (isElsewhere ? { ...one, severity: 'warning' } : one)));
  }
  return found;
}

/** A host that this machine does not reach may be reached from where the plan is applied. */
async function tried(id: CheckIdOf<'look'>, one: Look, subject: LookSubject): Promise<readonly Diagnostic[]> {
  const { desired, station } = subject;
  try {
    const problems = await one(subject);
    return problems.map(({ severity = 'error', address = desired.address, nextSteps = [], ...rest }) =>
      allowed(id, { ...blockerDiagnostic(desired, address, { nextSteps, ...rest }), severity }),
    );
  } catch (error) {
    const told = station === 'plan' && checkTable[id].about === 'machine' ? errorDiagnostics(error, desired.address) : undefined;
    if (told === undefined) throw error;
    return told;
  }
}
