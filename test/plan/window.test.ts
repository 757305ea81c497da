import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayMatches, parseCron } from '../../src/model/cron.js';
import type { MaintenanceWindow } from '../../src/model/window.js';
import { openSpans, windowState } from '../../src/plan/core/window.js';

const minuteMs = 60_000;
const hour = 3600;

const brief = (window: MaintenanceWindow, now: string): string => {
  const { open, closesAt, opensAt } = windowState(window, new Date(now));
  const time = (date: Date | undefined): string => date?.toISOString().replace(/(:00)?\.000Z$/, 'Z') ?? 'never';
  return open ? `open until ${time(closesAt)}` : `closed until ${time(opensAt)}`;
};

describe('one time span', () => {
  const window: MaintenanceWindow = { kind: 'once', start: '2026-11-22T22:00:00.000Z', end: '2026-11-22T23:30:00.000Z' };
  test.each([
    ['2026-11-22T21:59:59Z', 'closed until 2026-11-22T22:00Z'],
    ['2026-11-22T22:00:00Z', 'open until 2026-11-22T23:30Z'],
    ['2026-11-22T23:29:59Z', 'open until 2026-11-22T23:30Z'],
    ['2026-11-22T23:30:00Z', 'closed until never'],
  ])('at %s %s', (now, expected) => {
    expect(brief(window, now)).toBe(expected);
  });
});

const repeating = (cron: string, durationSeconds: number, timezone = 'Europe/Madrid'): MaintenanceWindow => ({
  kind: 'cron',
  cron,
  durationSeconds,
  timezone,
});

describe('repeating', () => {
  const nightly = repeating('0 22 * * *', 6 * hour);
  test.each([
    ['before, in winter (UTC+1)', nightly, '2026-01-15T20:59:59Z', 'closed until 2026-01-15T21:00Z'],
    ['at its opening', nightly, '2026-01-15T21:00:00Z', 'open until 2026-01-16T03:00Z'],
    ['after midnight', nightly, '2026-01-16T02:59:59Z', 'open until 2026-01-16T03:00Z'],
    ['at its end', nightly, '2026-01-16T03:00:00Z', 'closed until 2026-01-16T21:00Z'],
    ['in summer (UTC+2)', nightly, '2026-07-15T20:00:00Z', 'open until 2026-07-16T02:00Z'],
    ['over the end of the year', nightly, '2026-12-31T23:30:00Z', 'open until 2027-01-01T03:00Z'],
    [
      'weekdays are of the zone, not of UTC',
      repeating('30 0 * * SAT', hour),
      '2026-11-20T23:40:00Z',
      'open until 2026-11-21T00:30Z',
    ],
    ['longer than a day', repeating('0 20 * * FRI', 60 * hour), '2026-11-22T12:00:00Z', 'open until 2026-11-23T07:00Z'],
    [
      'windows that touch are one',
      repeating('0 1,2,3 * * *', hour, 'UTC'),
      '2026-11-22T01:30:00Z',
      'open until 2026-11-22T04:00Z',
    ],
    [
      'windows that overlap are one',
      repeating('0,30 1 * * *', hour, 'UTC'),
      '2026-11-22T01:10:00Z',
      'open until 2026-11-22T02:30Z',
    ],
    ['always', repeating('* * * * *', 60, 'UTC'), '2026-11-22T01:10:30Z', 'open until never'],
    ['daily for a whole day', repeating('0 0 * * *', 24 * hour, 'UTC'), '2026-11-22T01:10:30Z', 'open until never'],
    ['a month of days', repeating('0 0 * 12 *', 24 * hour, 'UTC'), '2026-12-02T00:00:00Z', 'open until 2027-01-01T00:00Z'],
    ['leap day', repeating('0 0 29 2 *', hour, 'UTC'), '2026-03-01T00:00:00Z', 'closed until 2028-02-29T00:00Z'],
    [
      'over a century without a leap day',
      repeating('0 0 29 2 *', hour, 'UTC'),
      '2096-03-01T00:00:00Z',
      'closed until 2104-02-29T00:00Z',
    ],
    [
      'half an hour of zone',
      repeating('0 22 * * *', hour, 'Asia/Kolkata'),
      '2026-11-22T16:29:00Z',
      'closed until 2026-11-22T16:30Z',
    ],
    [
      'a zone far from UTC',
      repeating('0 0 1 * *', hour, 'Pacific/Kiritimati'),
      '2026-11-30T09:59:00Z',
      'closed until 2026-11-30T10:00Z',
    ],
  ])('%s', (_, window, now, expected) => {
    expect(brief(window, now)).toBe(expected);
  });
});

// Europe/Madrid: on 2026-03-29 clocks go from 02:00 to 03:00 (01:00Z), on 2026-10-25 from 03:00 back to 02:00 (01:00Z).
describe('when clocks change', () => {
  const halfPastTwo = repeating('30 2 * * *', hour);
  const nightly = repeating('0 22 * * *', 6 * hour);
  test.each([
    ['spring: 02:30 does not exist and comes as 03:30', halfPastTwo, '2026-03-29T00:00:00Z', 'closed until 2026-03-29T01:30Z'],
    ['spring: and only then', halfPastTwo, '2026-03-29T01:29:59Z', 'closed until 2026-03-29T01:30Z'],
    ['spring: the day after is as ever', halfPastTwo, '2026-03-29T03:00:00Z', 'closed until 2026-03-30T00:30Z'],
    ['spring: six hours stay six hours', nightly, '2026-03-28T22:00:00Z', 'open until 2026-03-29T03:00Z'],
    ['autumn: 02:30 comes twice and the first counts', halfPastTwo, '2026-10-25T00:00:00Z', 'closed until 2026-10-25T00:30Z'],
    ['autumn: not again an hour later', halfPastTwo, '2026-10-25T01:30:00Z', 'closed until 2026-10-26T01:30Z'],
    ['autumn: six hours stay six hours', nightly, '2026-10-24T20:00:00Z', 'open until 2026-10-25T02:00Z'],
    ['autumn: every hour', repeating('0 * * * *', 60), '2026-10-25T00:30:00Z', 'closed until 2026-10-25T02:00Z'],
    [
      'the change at midnight (Beirut)',
      repeating('0 0 * * *', hour, 'Asia/Beirut'),
      '2026-03-28T12:00:00Z',
      'closed until 2026-03-28T22:00Z',
    ],
    [
      'a change of half an hour (Lord Howe)',
      repeating('15 2 * * *', hour, 'Australia/Lord_Howe'),
      '2026-10-03T12:00:00Z',
      'closed until 2026-10-03T15:45Z',
    ],
  ])('%s', (_, window, now, expected) => {
    expect(brief(window, now)).toBe(expected);
  });
});

/** Reads a zone's clock in another way than the code does: by its printed form. */
function clockOf(timezone: string): (instant: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'short' });
  return (instant) => format.format(instant);
}

/** All openings in a span, minute by minute: each wall clock minute that fits, the first time the clock shows it. */
function openingsByMinute(cronText: string, timezone: string, { from, to }: { from: number; to: number }): Set<number> {
  const cron = parseCron(cronText);
  if ('wrong' in cron) throw new Error(cron.wrong);
  const fits = (wall: string): boolean => {
    const [year, month, day, hours, minutes] = wall.split(/[- :]/).map(Number) as [number, number, number, number, number];
    return cron.minutes.has(minutes) && cron.hours.has(hours) && dayMatches(cron, { year, month, day });
  };
  const clock = clockOf(timezone);
  const shown = new Set<string>();
  const openings = new Set<number>();
  let before = clock(from - minuteMs);
  for (let instant = from; instant <= to; instant += minuteMs) {
    const wall = clock(instant);
    if (!shown.has(wall) && fits(wall)) openings.add(instant);
    // The minutes that a jump forward leaves out happen by the old clock.
    const last = Date.parse(`${before.replace(' ', 'T')}Z`);
    const skipped = (Date.parse(`${wall.replace(' ', 'T')}Z`) - last) / minuteMs - 1;
    for (let i = 0; i < skipped; i++) {
      if (fits(new Date(last + (i + 1) * minuteMs).toISOString().slice(0, 16).replace('T', ' ')))
        openings.add(instant + i * minuteMs);
    }
    shown.add(wall);
    before = wall;
  }
  return openings;
}

const field = (min: number, max: number) =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min, max }).map(String),
    fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc.integer({ min: 2, max: 7 }).map((step) => `*/${step}`),
    fc.array(fc.integer({ min, max }), { minLength: 2, maxLength: 3 }).map((values) => values.join(',')),
  );
const crons = fc
  .tuple(field(0, 59), field(0, 23), field(1, 28), fc.constantFrom('*', '3', '10', '3,10'), field(0, 7))
  .map((fields) => fields.join(' '));
const moments = fc.oneof(
  fc
    .constantFrom('2026-03-29T01:00Z', '2026-10-25T01:00Z')
    .chain((change) => fc.integer({ min: -900, max: 900 }).map((minutes) => Date.parse(change) + minutes * minuteMs)),
  fc.integer({ min: 0, max: 365 * 1440 }).map((minutes) => Date.parse('2026-01-01T00:00Z') + minutes * minuteMs),
);

test('agrees with a look at every minute', () => {
  fc.assert(
    fc.property(
      crons,
      fc.integer({ min: 1, max: 26 * 60 }),
      moments,
      fc.constantFrom('Europe/Madrid', 'UTC'),
      (cron, minutes, now, timezone) => {
        const durationMs = minutes * minuteMs;
        const from = now - durationMs - 1500 * minuteMs;
        const to = now + 1440 * minuteMs;
        const openings = [...openingsByMinute(cron, timezone, { from, to })].sort((a, b) => a - b);
        const isOpen = (instant: number): boolean =>
          openings.some((opening) => opening <= instant && instant < opening + durationMs);
        const state = windowState(repeating(cron, minutes * 60, timezone), new Date(now));

        expect(state.open).toBe(isOpen(now));
        const next = openings.find((opening) => opening > now);
        if (!state.open && next !== undefined) expect(state.opensAt?.getTime()).toBe(next);
        if (!state.open && next === undefined) expect(state.opensAt === undefined || state.opensAt.getTime() > to).toBe(true);
        const closes = state.closesAt?.getTime();
        if (closes !== undefined && closes < to) {
          expect(isOpen(closes)).toBe(false);
          expect(isOpen(closes - minuteMs)).toBe(true);
          for (let instant = now; instant < closes; instant += 7 * minuteMs) expect(isOpen(instant)).toBe(true);
        }
      },
    ),
    { numRuns: 50, seed: 20261121 },
  );
});

test('the answer does not depend on the zone of this machine', () => {
  const here = process.env['TZ'];
  try {
    const answers = ['UTC', 'America/St_Johns'].map((zone) => {
      process.env['TZ'] = zone;
      return brief(repeating('0 22 * * *', hour), '2026-07-15T12:00:00Z');
    });
    expect(new Set(answers).size).toBe(1);
  } finally {
    if (here === undefined) delete process.env['TZ'];
    else process.env['TZ'] = here;
  }
});

describe('when it is open, one time after the other', () => {
  const spans = (window: MaintenanceWindow, from: string, until: string, most = 9): string[] =>
    openSpans(window, { from: new Date(from), until: new Date(until), most }).map(
      ({ opensAt, closesAt }) => `${opensAt.toISOString().slice(0, 16)} to ${closesAt?.toISOString().slice(0, 16) ?? 'ever'}`,
    );
  const nightly = repeating('0 22 * * *', 2 * hour, 'UTC');
  test('from now on, as far as is asked', () => {
    expect(spans(nightly, '2026-06-01T12:00:00Z', '2026-06-03T22:00:00Z')).toEqual([
      '2026-06-01T22:00 to 2026-06-02T00:00',
      '2026-06-02T22:00 to 2026-06-03T00:00',
    ]);
    expect(spans(nightly, '2026-06-01T12:00:00Z', '2027-06-01T12:00:00Z', 3)).toHaveLength(3);
  });
  test('the one that is open now begins now', () => {
    expect(spans(nightly, '2026-06-01T23:00:00Z', '2026-06-02T12:00:00Z')).toEqual(['2026-06-01T23:00 to 2026-06-02T00:00']);
  });
  test('one that never closes is one, and one that is over is none', () => {
    expect(spans(repeating('* * * * *', hour, 'UTC'), '2026-06-01T12:00:00Z', '2026-07-01T12:00:00Z')).toEqual([
      '2026-06-01T12:00 to ever',
    ]);
    const once: MaintenanceWindow = { kind: 'once', start: '2026-06-01T00:00:00Z', end: '2026-06-01T02:00:00Z' };
    expect(spans(once, '2026-05-31T00:00:00Z', '2026-07-01T00:00:00Z')).toEqual(['2026-06-01T00:00 to 2026-06-01T02:00']);
    expect(spans(once, '2026-06-01T02:00:00Z', '2026-07-01T00:00:00Z')).toEqual([]);
  });
});
