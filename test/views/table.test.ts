import { describe, expect, test } from 'vitest';
import { tableLines } from '../../src/views/table.js';

/** Names of VMs, and the columns that a terminal needs for them. */
const names: readonly (readonly [string, number])[] = [
  ['erp-db01-replica', 16],
  ['שרת-01', 6],
  ['שָׁרָת', 3],
  ['خَادِم الويب', 10],
  ['サーバー', 8],
  ['ไม้', 2],
  ['Phở'.normalize('NFD'), 3],
  ['שרת mail שני', 12],
];

describe('a table of VMs whose names are not Latin', () => {
  const lines = tableLines(names.map(([name]) => [name, 'קבוצה', 'seed']));

  test.each(names.map(([name, width], index) => ({ name, width, line: lines[index]! })))(
    '$name: the next column begins where it does for all',
    ({ name, width, line }) => expect(line).toBe(`${name}${' '.repeat(18 - width)}קבוצה  seed`),
  );
});
