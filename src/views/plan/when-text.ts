import { formatBytes, formatSeconds } from '../../model/format.js';
import type { MaintenanceWindow } from '../../model/window.js';
import { windowState } from '../../plan/core/window.js';
import type { DowntimeEstimate } from '../../plan/cutover/downtime.js';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** `2026-06-06 20:00 UTC`, of an ISO time. */
export const timeText = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

/** `Sat 2026-06-06 20:00 UTC`. */
export const dayText = (time: Date): string => `${DAYS[time.getUTCDay()]} ${timeText(time.toISOString())}`;

/**
 * When windows are open, as somebody sees it who reads a plan of that time. Most VMs share a few windows: each is worked out once.
 */
export function windowTexts(at: Date): (window: MaintenanceWindow | undefined) => string {
  const known = new Map<string, string>();
  return (window) => {
    if (window === undefined) return 'at any time';
    const key = Object.values(window).join('\n');
    const text = known.get(key) ?? windowText(window, at);
    known.set(key, text);
    return text;
  };
}

function windowText(window: MaintenanceWindow, at: Date): string {
  const { open, closesAt, opensAt } = windowState(window, at);
  if (open) return closesAt === undefined ? 'at any time' : `now, until ${dayText(closesAt)}`;
  return opensAt === undefined ? 'its window is over' : `from ${dayText(opensAt)}${lengthText(window)}`;
}

const lengthText = (window: MaintenanceWindow): string =>
  window.kind === 'cron' ? ` for ${formatSeconds(window.durationSeconds)}` : ` to ${dayText(new Date(window.end))}`;

/** How long a VM stays off, with what that is known from. */
export function downtimeText(estimate: DowntimeEstimate): string {
  const rest = estimate.converts ? 'the conversion' : 'the start';
  switch (estimate.copy) {
    case 'none':
      return `as long as ${rest} takes; nothing is copied`;
    case 'full':
      return `as long as a copy of ${formatBytes(estimate.fullBytes ?? 0)} takes, and ${rest}`;
    case 'delta':
      return estimate.lastDeltaSeconds === undefined
        ? `not measured: no delta was taken yet; ${rest} comes on top`
        : `${formatSeconds(estimate.lastDeltaSeconds)} by the last delta; ${rest} comes on top`;
  }
}

/** The same for a column of a table. */
export function downtimeBrief({ copy, lastDeltaSeconds, fullBytes }: DowntimeEstimate): string {
  if (copy === 'full') return `${formatBytes(fullBytes ?? 0)} + start`;
  if (copy === 'none') return 'start';
  return lastDeltaSeconds === undefined ? 'not measured' : `${formatSeconds(lastDeltaSeconds)} + start`;
}
