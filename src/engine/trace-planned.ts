import { trace } from '../host/trace.js';
import type { PlannedEntry } from '../plan/file/planned-entry.js';

/** What was decided for a VM, and the facts it was decided on: those that the plan is refused for when they change. */
export function tracePlanned({ address, actions, diagnostics, facts }: PlannedEntry): void {
  for (const action of actions) trace('info', 'plan', () => `${address}: ${JSON.stringify(action)}`);
  if (actions.length === 0) trace('info', 'plan', () => `${address}: nothing is to be done`);
  for (const { severity, code, detail } of diagnostics) trace('info', 'plan', () => `${address}: ${severity} ${code}: ${detail}`);
  trace('debug', 'plan', () => `${address} was decided on ${JSON.stringify(facts)}`);
}
