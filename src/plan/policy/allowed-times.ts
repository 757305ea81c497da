import type { Freeze } from '../../model/plan-rules.js';
import type { MaintenanceWindow } from '../../model/window.js';
import { windowState } from '../core/window.js';

/** When something may be done: in one of the windows (absent: at any time), in the VM's own one, and in no freeze. */
export interface Times {
  readonly windows?: readonly MaintenanceWindow[];
  readonly own?: MaintenanceWindow;
  readonly freezes?: readonly Freeze[];
}

/** Windows that open and close without ever meeting are given up after so many steps. */
const STEPS_MAX = 200;

/** The first instant from `from` until `until`, both included, at which it may be done; undefined: none. */
export function firstAllowed(times: Times, from: Date, until: Date): Date | undefined {
  let at = from;
  for (let steps = 0; steps < STEPS_MAX && at <= until; steps++) {
    const next = notBefore(times, at);
    if (next === undefined) return undefined;
    if (next.getTime() === at.getTime()) return at;
    at = next;
  }
  return undefined;
}

/** `at` when nothing forbids it, else the earliest instant at which what forbids it now is over; undefined: never. */
function notBefore({ windows, own, freezes = [] }: Times, at: Date): Date | undefined {
  const frozen = freezeAt(freezes, at);
  if (frozen !== undefined) return new Date(frozen.end);
  if (windows !== undefined && !isOpen(windows, at)) return earliest(windows.map((window) => windowState(window, at).opensAt));
  if (own !== undefined && !isOpen([own], at)) return windowState(own, at).opensAt;
  return at;
}

export const freezeAt = (freezes: readonly Freeze[], at: Date): Freeze | undefined =>
  freezes.find(({ start, end }) => at >= new Date(start) && at < new Date(end));

export const isOpen = (windows: readonly MaintenanceWindow[], at: Date): boolean =>
  windows.some((window) => windowState(window, at).open);

const earliest = (times: readonly (Date | undefined)[]): Date | undefined =>
  times.reduce<Date | undefined>(
    (first, time) => (first === undefined || (time !== undefined && time < first) ? time : first),
    undefined,
  );
