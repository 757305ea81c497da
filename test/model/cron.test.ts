import { describe, expect, test } from 'vitest';
import { type Cron, dayMatches, parseCron } from '../../src/model/cron.js';

const cron = (text: string): Cron => {
  const parsed = parseCron(text);
  if ('wrong' in parsed) throw new Error(parsed.wrong);
  return parsed;
};
const list = (set: ReadonlySet<number>): number[] => [...set].sort((a, b) => a - b);

describe('fields', () => {
  test.each([
    ['0 0 1 1 0', [0], [0], [1], [1], [0]],
    ['*/20 8-10 1,15 JAN-MAR MON-FRI', [0, 20, 40], [8, 9, 10], [1, 15], [1, 2, 3], [1, 2, 3, 4, 5]],
    ['5/25 22-23/1 31 dec sun,7', [5, 30, 55], [22, 23], [31], [12], [0]],
    ['10-20/5 0 2 2 5-7', [10, 15, 20], [0], [2], [2], [0, 5, 6]],
    ['0 0 1 1 SAT-SUN', [0], [0], [1], [1], [0, 6]],
    ['0 0 1 1 */2', [0], [0], [1], [1], [0, 2, 4, 6]],
  ])('%s', (text, minutes, hours, days, months, weekdays) => {
    const parsed = cron(text);
    expect([parsed.minutes, parsed.hours, parsed.days, parsed.months, parsed.weekdays].map(list)).toEqual([
      minutes,
      hours,
      days,
      months,
      weekdays,
    ]);
  });
});

describe('mistakes are told in words', () => {
  test.each([
    ['0 22 * *', 'it has 4 fields instead of five (minute, hour, day of month, month, day of week)'],
    ['60 * * * *', '"60" is no minute (0 to 59)'],
    ['0 24 * * *', '"24" is no hour (0 to 23)'],
    ['0 0 0 * *', '"0" is no day of month (1 to 31)'],
    ['0 0 * 13 *', '"13" is no month (1 to 12, or JAN to DEC)'],
    ['0 0 * * FRY', '"FRY" is no day of week (0 to 7, or SUN to SAT)'],
    ['0 0 * * 8', '"8" is no day of week (0 to 7, or SUN to SAT)'],
    ['10-5 * * * *', '"10-5" is no minute (0 to 59)'],
    ['*/0 * * * *', '"*/0" is no minute (0 to 59)'],
    ['1,,2 * * * *', '"1,,2" is no minute (0 to 59)'],
    ['0 0 30 2 *', 'there is no such day in any year'],
    ['0 0 31 4,6,9,11 *', 'there is no such day in any year'],
    ['@daily', 'it has 1 fields instead of five (minute, hour, day of month, month, day of week)'],
  ])('%s', (text, wrong) => {
    expect(parseCron(text)).toEqual({ wrong });
  });
});

describe('days', () => {
  const friday13 = { year: 2026, month: 2, day: 13 };
  test.each([
    ['either day field fits when both are restricted', '0 0 13 * MON', friday13, true],
    ['either, the weekday', '0 0 1 * FRI', friday13, true],
    ['either, none', '0 0 1 * MON', friday13, false],
    ['a field with * does not count as restricted', '0 0 * * MON', friday13, false],
    ['a step over * does not either', '0 0 */2 * FRI', friday13, true],
    ['and then both must fit', '0 0 */2 * MON', friday13, false],
    ['month', '0 0 * 3 *', friday13, false],
    ['leap day', '0 0 29 2 *', { year: 2028, month: 2, day: 29 }, true],
  ])('%s', (_, text, day, expected) => {
    expect(dayMatches(cron(text), day)).toBe(expected);
  });
});
