import { expect, test } from 'vitest';
import { readSwitches, type Switches } from '../../src/manifest/migration/phase.js';
import { loadSpec } from './in-folder.js';

// The whole cross product: phase | cbtSync | cutover => phase, and T or F for cbtSync and cutover; or what contradicts.
const table = `
  -       - -  => seed T F
  -       - T  => cutover T T
  -       - F  => sync T F
  -       T -  => sync T F
  -       T T  => cutover T T
  -       T F  => sync T F
  -       F -  => seed F F
  -       F T  => cutover F T
  -       F F  => seed F F
  seed    - -  => seed T F
  seed    - T  => contradiction cutover
  seed    - F  => seed T F
  seed    T -  => seed T F
  seed    T T  => contradiction cutover
  seed    T F  => seed T F
  seed    F -  => seed F F
  seed    F T  => contradiction cutover
  seed    F F  => seed F F
  sync    - -  => sync T F
  sync    - T  => contradiction cutover
  sync    - F  => sync T F
  sync    T -  => sync T F
  sync    T T  => contradiction cutover
  sync    T F  => sync T F
  sync    F -  => contradiction cbtSync
  sync    F T  => contradiction cutover cbtSync
  sync    F F  => contradiction cbtSync
  cutover - -  => cutover T T
  cutover - T  => cutover T T
  cutover - F  => contradiction cutover
  cutover T -  => cutover T T
  cutover T T  => cutover T T
  cutover T F  => contradiction cutover
  cutover F -  => cutover F T
  cutover F T  => cutover F T
  cutover F F  => contradiction cutover
`;

const rows = table
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));
const given = ([phase, cbtSync, cutover]: string[]): Switches => {
  const flag = (text: string | undefined) => (text === '-' ? undefined : text === 'T');
  return { phase: phase === '-' ? undefined : (phase as 'seed'), cbtSync: flag(cbtSync), cutover: flag(cutover) };
};

test('the table is the whole cross product', () => {
  expect(new Set(rows.map((row) => row.slice(0, 3).join(' '))).size).toBe(4 * 3 * 3);
});

test.each(rows.map((row) => [row.slice(0, 3).join(' '), row.slice(4).join(' '), row] as const))(
  '%s => %s',
  (_, expected, row) => {
    const reading = readSwitches(given(row));
    const letter = (flag: boolean) => (flag ? 'T' : 'F');
    const told =
      reading.kind === 'goal'
        ? `${reading.goal.phase} ${letter(reading.goal.cbtSync)} ${letter(reading.goal.cutover)}`
        : `contradiction ${reading.contradictions.map(({ field }) => field).join(' ')}`;
    expect(told).toBe(expected);
  },
);

test('AC4: cbtSync: false reaches the desired migration', async () => {
  const { migrations } = await loadSpec('  cbtSync: false');
  expect(migrations[0]).toMatchObject({ phase: 'seed', cbtSync: false, cutover: false });
});
