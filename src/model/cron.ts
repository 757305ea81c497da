/**
 * A cron expression of five fields: minute, hour, day of month, month, day of week. As in Vixie cron: when both day fields
 * are restricted (do not start with *), a day that fits either one fits.
 */
export interface Cron {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>;
  readonly eitherDay: boolean;
}

interface FieldRule {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const rules = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  {
    name: 'month',
    min: 1,
    max: 12,
    names: ['', 'JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  },
  { name: 'day of week', min: 0, max: 7, names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] },
] as const satisfies readonly FieldRule[];

/** The expression, or in words what is wrong with it. */
export function parseCron(text: string): Cron | { readonly wrong: string } {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== rules.length) {
    return { wrong: `it has ${fields.length} fields instead of five (minute, hour, day of month, month, day of week)` };
  }
  const sets: Set<number>[] = [];
  for (const [i, field] of fields.entries()) {
    const values = parseField(field, rules[i]!);
    if (values === undefined) return { wrong: `${JSON.stringify(field)} is no ${rules[i]!.name}${rangeOfRule(rules[i]!)}` };
    sets.push(values);
  }
  const [minutes, hours, days, months, sunday7] = sets as [Set<number>, Set<number>, Set<number>, Set<number>, Set<number>];
  const weekdays = new Set([...sunday7].map((day) => day % 7));
  const cron = { minutes, hours, days, months, weekdays, eitherDay: !fields[2]!.startsWith('*') && !fields[4]!.startsWith('*') };
  return everOpens(cron) ? cron : { wrong: 'there is no such day in any year' };
}

const rangeOfRule = ({ min, max, names }: FieldRule): string =>
  ` (${min} to ${max}${names ? `, or ${names.find((name) => name !== '')} to ${names.at(-1)}` : ''})`;

function parseField(text: string, rule: FieldRule): Set<number> | undefined {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const range = parseItem(item, rule);
    if (range === undefined) return undefined;
    for (let value = range.first; value <= range.last; value += range.step) values.add(value);
  }
  return values;
}

function parseItem(item: string, rule: FieldRule): { first: number; last: number; step: number } | undefined {
  const match = /^(\*|([0-9A-Za-z]+)(?:-([0-9A-Za-z]+))?)(?:\/([1-9]\d{0,3}))?$/.exec(item);
  if (match === null) return undefined;
  const [, all, from, to, every] = match;
  const step = Number(every ?? 1);
  // The end of "all" weekdays is Saturday: 7 is Sunday once more and would break steps.
  if (all === '*') return { first: rule.min, last: rule.max === 7 ? 6 : rule.max, step };
  const first = numberOf(from!, rule);
  const last = to === undefined ? (every === undefined ? first : rule.max) : numberOf(to, rule);
  if (first === undefined || last === undefined) return undefined;
  if (first <= last) return { first, last, step };
  // SAT-SUN: as an end, Sunday is 7.
  return rule.max === 7 && last === 0 ? { first, last: 7, step } : undefined;
}

function numberOf(text: string, { min, max, names }: FieldRule): number | undefined {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named >= 0 ? named : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

/** A calendar day, as numbers of the wall calendar; month is 1 to 12. */
export interface CalendarDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export function dayMatches(cron: Cron, { year, month, day }: CalendarDay): boolean {
  if (!cron.months.has(month)) return false;
  const byDay = cron.days.has(day);
  const byWeekday = cron.weekdays.has(new Date(Date.UTC(year, month - 1, day)).getUTCDay());
  return cron.eitherDay ? byDay || byWeekday : byDay && byWeekday;
}

const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Every day of a long enough month falls on every weekday in some year, so only the month's length can rule a day out. */
const everOpens = ({ days, months, eitherDay }: Cron): boolean =>
  eitherDay || [...months].some((month) => [...days].some((day) => day <= longestMonths[month - 1]!));
