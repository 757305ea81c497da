import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSelector, selects } from '../../src/manifest/migration/label-selector.js';

const isSelected = (text: string, labels: Readonly<Record<string, string>>): boolean => {
  const parsed = parseSelector(text);
  if ('wrong' in parsed) throw new Error(parsed.wrong);
  return selects(parsed.selector, labels);
};

const erp = { wave: '10', app: 'erp', canary: '' };

describe('conditions on labels, as kubectl takes them', () => {
  test.each([
    ['wave=10', true],
    ['wave==10', true],
    ['wave=1', false],
    ['wave = 10', true],
    ['wave!=10', false],
    ['wave!=20', true],
    ['wave in (10,20)', true],
    ['wave in(20 , 30)', false],
    ['wave notin (10)', false],
    ['wave notin (20,30)', true],
    ['wave', true],
    ['!wave', false],
    ['! wave', false],
    ['hold', false],
    ['!hold', true],
    ['wave=10,app=erp', true],
    ['wave=10, app in (erp, crm), !hold', true],
    ['wave=10,app=crm', false],
    ['wave,wave notin (20)', true],
    // What has no such label is unlike any value.
    ['hold!=yes', true],
    ['hold notin (yes)', true],
    ['hold=yes', false],
    ['hold in (yes)', false],
    // A label may be empty.
    ['canary=', true],
    ['wave=', false],
    ['canary in (,on)', true],
    ['hold=', false],
    // Names that every object has are no labels.
    ['constructor', false],
    ['!toString', true],
    ['example.com/wave', false],
    // Words are not conditions by themselves.
    ['in', false],
    ['notin=x', false],
  ] as const)('%s', (text, expected) => {
    expect(isSelected(text, erp)).toBe(expected);
  });

  test.each([
    ['', 'the name of a label is missing at the end'],
    [' ', 'the name of a label is missing at the end'],
    [',', 'the name of a label is missing before ","'],
    ['wave=10,', 'the name of a label is missing at the end'],
    ['=10', 'the name of a label is missing before "="'],
    ['wave=10 app=erp', 'a comma between two conditions is missing before "app"'],
    ['wave in 10', 'a ( before the values is missing before "10"'],
    ['wave in (10', 'a ) after the values is missing at the end'],
    ['wave in ()', 'there is no value between ( and )'],
    ['wave>10', '"wave>10" is no name of a label'],
    ['wave > 10', '">" is none of =, ==, !=, in, notin'],
    ['wave=a b', 'a comma between two conditions is missing before "b"'],
    ['wave=10;app=erp', '"10;app" is no value of a label'],
    ['wave="10"', '"\\"10\\"" is no value of a label'],
    ['-wave', '"-wave" is no name of a label'],
    [`wave=${'x'.repeat(64)}`, `"${'x'.repeat(64)}" is no value of a label`],
    ['!', 'the name of a label is missing at the end'],
    ['!wave=10', 'a comma between two conditions is missing before "="'],
  ])('%j cannot be read', (text, wrong) => {
    expect(parseSelector(text)).toEqual({ wrong });
  });

  test('whatever is typed is read or refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab=!,() inot/.-\n') }), (text) => {
        const parsed = parseSelector(text);
        expect('wrong' in parsed || parsed.selector.length > 0).toBe(true);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  test('a condition and its opposite divide all manifests between them', () => {
    const value = fc.constantFrom('10', '20', '');
    const labels = fc.record({ wave: value, app: value }, { requiredKeys: [] });
    fc.assert(
      fc.property(labels, value, value, (some, a, b) => {
        expect(isSelected(`wave in (${a},${b})`, some)).toBe(!isSelected(`wave notin (${a},${b})`, some));
        expect(isSelected(`wave=${a}`, some)).toBe(!isSelected(`wave!=${a}`, some));
        expect(isSelected('wave', some)).toBe(!isSelected('!wave', some));
      }),
    );
  });
});
