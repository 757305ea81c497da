import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { repeatedKey } from '../../src/model/json-keys.js';

describe('a name that an object has twice', () => {
  test.each([
    ['{"a": 1, "a": 2}', 'a'],
    ['[{"a": {"b": 1, "c": [{}], "b": 2}}]', 'b'],
    ['{"a": {"x": 1}, "b": {"x": 1}, "a": 0}', 'a'],
    ['{"violations": [1], "viola\\u0074ions": []}', 'violations'],
    ['{"__proto__": 1, "__proto__": 2}', '__proto__'],
    ['{"": 1, "": 2}', ''],
    ['{"\\"": [], "\\u0022": 2}', '"'],
  ])('%s', (json, name) => {
    JSON.parse(json);
    expect(repeatedKey(json)).toBe(name);
  });

  test('is in no text that was written from a value, whatever texts are in it', () => {
    const value = fc.jsonValue({ stringUnit: fc.constantFrom('a', '"', '\\', '{', '}', '[', ']', ',', ':', '\n') });
    fc.assert(fc.property(value, (of) => repeatedKey(JSON.stringify(of, null, 1)) === undefined));
  });

  test('is none where lists and other objects say it again', () => {
    expect(repeatedKey('[{"a": "a"}, {"a": ["a", "a", {"a": 1}]}, "a", "a"]')).toBeUndefined();
  });
});
