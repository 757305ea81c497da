import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePythonDict, pythonRepr } from './python-text.js';

describe('Python dict literals', () => {
  test.each([
    ["{'a':'b'}", { a: 'b' }],
    ['{"a": "b", "c": "d"}', { a: 'b', c: 'd' }],
    ['{"note":"it\'s"}', { note: "it's" }],
    ["{'a':'b',}", { a: 'b' }],
    ['{}', {}],
    ["{'a':5, 'b': -1}", { a: 5, b: -1 }],
    ["{'a':5.5}", undefined],
    ["{'a':None}", undefined],
    ["{'a':'b'", undefined],
    ["{'a':'b'} x", undefined],
    ['{bad', undefined],
    ['a=b', undefined],
    ['', undefined],
  ])('%s', (text, expected) => {
    const parsed = parsePythonDict(text);
    expect(parsed && Object.fromEntries(parsed)).toEqual(expected);
  });

  test('reads all JSON objects of strings', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (object) => {
        const parsed = parsePythonDict(JSON.stringify(object));
        expect([...(parsed ?? [])].sort()).toEqual(Object.entries(object).sort());
      }),
    );
  });
});

test.each([
  [null, 'None'],
  [true, 'True'],
  ['a', "'a'"],
  ["it's", `"it's"`],
  [{ a: [1, 'b'] }, "{'a': [1, 'b']}"],
])('repr of %j', (value, expected) => {
  expect(pythonRepr(value)).toBe(expected);
});
