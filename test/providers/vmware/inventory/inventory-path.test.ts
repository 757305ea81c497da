import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Nearest } from '../../../../src/providers/nearest.js';
import { decodeName, encodeName, isBareName, searchPath } from '../../../../src/providers/vmware/inventory/inventory-path.js';

test('names come back from their escapes', () => {
  fc.assert(fc.property(fc.string(), (name) => decodeName(encodeName(name)) === name));
  expect(decodeName('db%2F01%25%5c')).toBe('db/01%\\');
});

test.each([
  ['/DC1/vm/erp/db01', 'DC1/vm/erp/db01'],
  ['DC1/vm//erp/db01/', 'DC1/vm/erp/db01'],
  ['/DC1/vm/50% done', 'DC1/vm/50%25 done'],
  ['/DC1/vm/50%25 done', 'DC1/vm/50%25 done'],
  ['/DC1/vm/db%2f01', 'DC1/vm/db%2f01'],
  ['/DC1/vm/db%2F01', 'DC1/vm/db%2f01'],
  ['/DC1/vm/a\\b', 'DC1/vm/a%5cb'],
])('%s is looked up as %s', (path, expected) => {
  expect(searchPath(path)).toBe(expected);
});

test('a bare name has no folder', () => {
  expect(['web01', '/web01', 'db%2f01', 'DC1/vm/web01'].map(isBareName)).toEqual([true, true, true, false]);
});

describe('nearest', () => {
  test('the likeliest first, and nothing when nothing is near', () => {
    const names = ['erp-db01', 'erp-db02', 'erp-db10', 'web01', 'erp-app01', 'ERP-DB001'];
    const nearest = new Nearest(names, (name) => name);
    expect(nearest.to('erp-db1')).toEqual(['erp-db01', 'erp-db10', 'erp-db02']);
    expect(nearest.to('mail')).toEqual([]);
  });

  test('a hundred names that are not there are compared with all, and no thousand', () => {
    const nearest = new Nearest(['erp-db01'], (name) => name);
    const answers = Array.from({ length: 1000 }, () => nearest.to('erp-db1'));
    expect(answers.filter(({ length }) => length > 0)).toHaveLength(100);
  });
});
