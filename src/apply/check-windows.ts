import { type Diagnostic, DiagnosticsError } from '../diag/diagnostic.js';
import { exitCodes } from '../diag/exit-codes.js';
import type { DesiredMigration } from '../model/desired.js';
import { windowState } from '../plan/core/window.js';
import type { ApplyContext } from './handler.js';

const KEPT = 'what was done so far is kept, and the VM was left running';

/**
 * Throws when the migration's window has closed meanwhile, or a rule lets nothing be changed any more. What was done is kept: the
 * next run goes on at the last checkpoint. For a VM that runs; once it is off, stopping would only make the downtime longer.
 */
export function requireTimeToGoOn({ desired, clock, timeRules }: Pick<ApplyContext, 'desired' | 'clock' | 'timeRules'>): void {
  const now = clock.now();
  const closed = [...checkWindows([desired], now, KEPT), ...againstRules(desired, timeRules(now), KEPT)];
  if (closed.length > 0) throw new DiagnosticsError(closed);
}

/** Broken rules as those of one migration; `what` has come of it. */
export const againstRules = (
  { address }: DesiredMigration,
  broken: readonly Diagnostic[],
  what = 'nothing was changed',
): Diagnostic[] => broken.map((one) => ({ ...one, address, detail: `${one.detail}; ${what}` }));

/**
 * The refusal when no migration may begin now. When some may, the others wait for their own window: the same plan is run again in
 * it, and what is done by then does not count any more. Waiting helps unless no window opens again: only then the plan is refused.
 */
export function windowRefusal(left: readonly DesiredMigration[], now: Date): DiagnosticsError | undefined {
  const closed = checkWindows(left, now);
  if (closed.length === 0 || closed.length < left.length) return undefined;
  const opens = left.some(({ window }) => window !== undefined && windowState(window, now).opensAt !== undefined);
  return new DiagnosticsError(closed, { exit: opens ? exitCodes.incomplete : exitCodes.planRefused });
}

/** Migrations whose maintenance window is closed now; `what` has come of it. */
export function checkWindows(migrations: readonly DesiredMigration[], now: Date, what = 'nothing was changed'): Diagnostic[] {
  return migrations.flatMap((desired): Diagnostic[] => {
    if (desired.window === undefined) return [];
    const { open, opensAt } = windowState(desired.window, now);
    if (open) return [];
    const source = desired.ranges['spec.window'];
    const name = desired.window.name === undefined ? 'the window' : `window "${desired.window.name}"`;
    return [
      {
        severity: 'error',
        code: 'MP3014',
        address: desired.address,
        detail: `${name} is closed; ${what}`,
        nextSteps: [
          opensAt === undefined
            ? 'it does not open again: change spec.window, and make a new plan'
            : `run the same plan again in the window: it opens at ${opensAt.toISOString()}`,
        ],
        ...(source === undefined ? {} : { source }),
      },
    ];
  });
}
