import type { MigrationOutcome } from '../apply/migration-outcome.js';
import { DiagnosticsError } from '../diag/diagnostic.js';
import { exitCodes } from '../diag/exit-codes.js';
import { isIrreversible, wordsOf } from '../plan/core/action-table.js';
import type { PlanFile } from '../plan/file/plan-file.js';
import type { PlannedEntry } from '../plan/file/planned-entry.js';
import { type Divided, withoutCutovers } from '../plan/file/without-cutovers.js';

export interface Approval {
  /** A saved plan was named: passing it is the approval of everything in it that can be undone, and nothing is asked. */
  readonly isSaved: boolean;
  readonly autoApprove: boolean;
  readonly allowCutover: boolean;
  /** People approved what cannot be undone, as the trust policy asks for. */
  readonly isApproved?: boolean;
  /** Absent where nobody can be asked. The answer is undefined when the input ends or Ctrl-C is pressed. */
  readonly ask?: (question: string) => Promise<string | undefined>;
}

/**
 * Throws DiagnosticsError unless the plan may be applied. What cannot be undone needs --allow-cutover, or for a plan made just
 * now the name of each VM, typed at a terminal; --auto-approve alone never covers it.
 */
export async function requireApproval(
  plan: PlanFile,
  { isSaved, autoApprove, allowCutover, isApproved = false, ask }: Approval,
): Promise<void> {
  const cutovers = plan.migrations.filter(({ actions }) => actions.some(isIrreversible));
  const mustAsk = !isSaved && !autoApprove;
  const mustName = allowCutover || isApproved ? [] : cutovers;
  if (!mustAsk && mustName.length === 0) return;
  if (!mustAsk || ask === undefined) throw refused(mustName, isSaved);
  await expectAnswer(
    ask,
    'Do you want to perform these actions?\n  Only "yes" will be accepted to approve.\n\n  Enter a value: ',
    'yes',
  );
  for (const { name, actions } of mustName) {
    await expectAnswer(
      ask,
      `\n${name} will be ${wordsOf(actions).join(' and ')}; that cannot be undone.\n  Type the name of the VM to go on: `,
      name,
    );
  }
}

/** What --auto-approve covers of a plan that was made just now; nothing at all where there is nothing but cutovers. */
export function approvedPart(
  plan: PlanFile,
  {
    'auto-approve': autoApprove,
    'allow-cutover': allowCutover,
  }: { readonly 'auto-approve': boolean; readonly 'allow-cutover': boolean },
): Divided {
  return autoApprove && !allowCutover ? withoutCutovers(plan) : { plan, left: [] };
}

/** A VM that a run left alone because --auto-approve does not cover it. */
export const notApproved = (entry: PlannedEntry): MigrationOutcome => ({
  address: entry.address,
  result: 'not-approved',
  diagnostics: refused([entry], false, 'it was left alone').diagnostics,
});

async function expectAnswer(ask: NonNullable<Approval['ask']>, question: string, wanted: string): Promise<void> {
  if ((await ask(question))?.trim() === wanted) return;
  throw new DiagnosticsError([{ severity: 'error', code: 'MP3012', detail: 'not approved; nothing was changed' }]);
}

function refused(cutovers: readonly PlannedEntry[], isSaved: boolean, what = 'nothing was changed'): DiagnosticsError {
  if (cutovers.length === 0) {
    return new DiagnosticsError([
      {
        severity: 'error',
        code: 'MP3010',
        detail: 'this needs approval and there is no terminal to ask at',
        nextSteps: [
          'save a plan and apply it: migplan plan --out plan.json && migplan apply plan.json',
          'or pass --auto-approve',
        ],
      },
    ]);
  }
  return new DiagnosticsError(
    [
      {
        severity: 'error',
        code: 'MP3008',
        detail: `${cutovers.map(({ name }) => name).join(', ')} would be ${wordsOf(cutovers.flatMap(({ actions }) => actions)).join(' and ')}, which cannot be undone; ${what}`,
        nextSteps: [`review the plan and pass ${isSaved ? '--allow-cutover' : '--auto-approve --allow-cutover'}`],
      },
    ],
    { exit: exitCodes.planRefused },
  );
}
