import { type CalendarDay, type Cron, dayMatches, parseCron } from '../../model/cron.js';
import type { MaintenanceWindow } from '../../model/window.js';

/** `closesAt` when open, `opensAt` when closed; absent when that is further away than is worth saying (or never). */
export interface WindowState {
  readonly open: boolean;
  readonly closesAt?: Date;
  readonly opensAt?: Date;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** 29 February on a given weekday comes back within 40 years at most, because 2100 is no leap year. */
const daysAheadMax = 366 * 40;
/** Openings that follow without a gap are one window; one that goes on for this many has no end worth saying. */
const openingsJoinedMax = 1500;

/**
 * Whether the window is open at `now`, and when that changes. Pure: time zones come from the ICU data of the runtime.
 *
 * A cron window opens at wall clock time and stays open for its duration as elapsed time. Where clocks jump forward, an
 * opening inside the hour that is skipped comes at the same time by the old clock (02:30 becomes 03:30); where they jump
 * back, an opening inside the repeated hour comes once, the first time. Windows that overlap or touch are one.
 */
export function windowState(window: MaintenanceWindow, now: Date): WindowState {
  if (window.kind === 'once') {
    const [start, end] = [new Date(window.start), new Date(window.end)];
    if (now < start) return { open: false, opensAt: start };
    return now < end ? { open: true, closesAt: end } : { open: false };
  }
  const cron = parseCron(window.cron);
  if ('wrong' in cron) throw new Error(`this is a bug in migplan: a window with the cron ${window.cron} passed validation`);
  const schedule: Schedule = { cron, wallClock: wallClockOf(window.timezone), openings: new Map() };
  const durationMs = window.durationSeconds * 1000;
  const last = lastOpening(schedule, { notAfter: now.getTime(), after: now.getTime() - durationMs });
  if (last !== undefined) return { open: true, ...closing(schedule, last, durationMs) };
  const next = nextOpening(schedule, now.getTime());
  return { open: false, ...(next !== undefined && { opensAt: new Date(next) }) };
}

export interface OpenSpan {
  readonly opensAt: Date;
  /** Absent: it has no end that is worth saying. */
  readonly closesAt?: Date;
}

/** When it is open, in order: the first one is cut to begin at `from`, none opens at `until` or later, and there are `most` of them. */
export function openSpans(
  window: MaintenanceWindow,
  { from, until, most }: { readonly from: Date; readonly until: Date; readonly most: number },
): OpenSpan[] {
  const spans: OpenSpan[] = [];
  let at: Date | undefined = from;
  while (at !== undefined && at < until && spans.length < most) {
    const { open, closesAt, opensAt }: WindowState = windowState(window, at);
    if (open) spans.push({ opensAt: at, ...(closesAt === undefined ? {} : { closesAt }) });
    at = open ? closesAt : opensAt;
  }
  return spans;
}

/** Whether a window that somebody may have written by hand says a time at all. */
export function isWindow(window: MaintenanceWindow): boolean {
  if (window.kind === 'once') return !Number.isNaN(Date.parse(window.start)) && !Number.isNaN(Date.parse(window.end));
  if ('wrong' in parseCron(window.cron)) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: window.timezone });
    return true;
  } catch {
    return false;
  }
}

interface Schedule {
  readonly cron: Cron;
  readonly wallClock: WallClock;
  /** What openingsOn has found so far. */
  readonly openings: Map<number, readonly number[]>;
}

/** The end of the last opening in an unbroken row that begins with `opening`. */
function closing(schedule: Schedule, opening: number, durationMs: number): { closesAt?: Date } {
  let closesAt = opening + durationMs;
  for (let joined = 0; joined < openingsJoinedMax; joined++) {
    const later = lastOpening(schedule, { notAfter: closesAt, after: closesAt - durationMs });
    if (later === undefined) return { closesAt: new Date(closesAt) };
    closesAt = later + durationMs;
  }
  return {};
}

/** The latest opening in (after, notAfter]. */
function lastOpening(schedule: Schedule, { notAfter, after }: { notAfter: number; after: number }): number | undefined {
  // An opening moved by a clock change may belong to the wall calendar's day before or after.
  const earliest = dayNumber(schedule.wallClock, after) - 1;
  for (let day = dayNumber(schedule.wallClock, notAfter) + 1; day >= earliest; day--) {
    const opening = openingsOn(schedule, day).findLast((time) => time <= notAfter);
    if (opening !== undefined) return opening > after ? opening : undefined;
  }
  return undefined;
}

/** The first opening after `now`. */
function nextOpening(schedule: Schedule, now: number): number | undefined {
  const today = dayNumber(schedule.wallClock, now) - 1;
  for (let day = today; day <= today + daysAheadMax; day++) {
    const opening = openingsOn(schedule, day).find((time) => time > now);
    if (opening !== undefined) return opening;
  }
  return undefined;
}

/** Times (ms) of all openings on a day of the wall calendar, ascending. Days are counted from 1970-01-01. */
function openingsOn(schedule: Schedule, day: number): readonly number[] {
  const known = schedule.openings.get(day);
  if (known !== undefined) return known;
  const { cron, wallClock } = schedule;
  const minutes = [...cron.hours].flatMap((hour) => [...cron.minutes].map((minute) => hour * 60 + minute));
  const instantOf = dayMatches(cron, calendarDay(day)) ? wallClock.instantsOn(day) : undefined;
  const openings = instantOf ? minutes.map((minute) => instantOf(day * dayMs + minute * minuteMs)).sort((a, b) => a - b) : [];
  schedule.openings.set(day, openings);
  return openings;
}

function calendarDay(day: number): CalendarDay {
  const date = new Date(day * dayMs);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

const dayNumber = (wallClock: WallClock, instant: number): number => Math.floor((instant + wallClock.offsetAt(instant)) / dayMs);

/** A zone's clock. Wall times are written as the UTC time that reads the same. All in ms. */
interface WallClock {
  /** How far the zone is ahead of UTC at an instant. */
  offsetAt(instant: number): number;
  /** Gives the instant of each wall time of one day. */
  instantsOn(day: number): (wallTime: number) => number;
}

function wallClockOf(timezone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const offsetAt = (instant: number): number => {
    const whole = Math.floor(instant / 1000) * 1000;
    const part = Object.fromEntries(format.formatToParts(whole).map(({ type, value }) => [type, Number(value)]));
    const { year, month, day, hour, minute, second } = part as Record<string, number>;
    return Date.UTC(year!, month! - 1, day!, hour!, minute!, second!) - whole;
  };
  return {
    offsetAt,
    instantsOn(day) {
      const before = offsetAt((day - 1) * dayMs);
      const after = offsetAt((day + 2) * dayMs);
      if (before === after) return (wallTime) => wallTime - before;
      // Clocks change about this day. Read with the clock from before the change, a wall time is the first of its two
      // occurrences, or the moved one in a gap.
      return (wallTime) => {
        const onNewClock = offsetAt(wallTime - before) !== before && offsetAt(wallTime - after) === after;
        return wallTime - (onNewClock ? after : before);
      };
    },
  };
}
