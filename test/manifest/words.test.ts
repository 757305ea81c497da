import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergePatch } from '../../src/manifest/base/merge-patch.js';
import { nearest } from '../../src/manifest/base/nearest.js';
import { forms, parseDuration, parseSize, repairForm } from '../../src/manifest/schema/forms.js';
import { editDistance } from '../../src/model/edit-distance.js';

fc.configureGlobal({ seed: 20261121 });

test.each([
  ['1MiB', 2 ** 20],
  ['10GiB', 10 * 2 ** 30],
  ['2TiB', 2 ** 41],
])('size %s', (text, bytes) => {
  expect(text).toMatch(new RegExp(forms.size.pattern));
  expect(parseSize(text)).toBe(bytes);
});

test.each([
  ['90s', 90],
  ['20m', 1200],
  ['6h', 21_600],
  ['1h30m', 5400],
  ['2d', 172_800],
])('duration %s', (text, seconds) => {
  expect(text).toMatch(new RegExp(forms.duration.pattern));
  expect(parseDuration(text)).toBe(seconds);
});

test.each(['0GiB', '10G', '10gib', '1.5GiB', '-1GiB', '10 GiB', 'GiB', '99999TiB'])('%s is no size', (text) => {
  expect(text).not.toMatch(new RegExp(forms.size.pattern));
});

test('every size is an exact number of bytes', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(new RegExp(forms.size.pattern)),
      (text) => Number.isSafeInteger(parseSize(text)) && parseSize(text) > 0,
    ),
  );
});

test.each([
  [forms.size.title, '10 GB', '10GiB'],
  [forms.size.title, '10g', '10GiB'],
  [forms.size.title, '12345 tb', undefined],
  [forms.size.title, 'much', undefined],
  [forms.duration.title, '20 min', '20m'],
  [forms.duration.title, '2 hours', '2h'],
  [forms.duration.title, '1 month', undefined],
  [forms.host.title, 'https://user:pass@vc.example.com/sdk', 'vc.example.com'],
])('%s %s is repaired to %s', (title, text, repaired) => {
  expect(repairForm(title, text)).toBe(repaired);
});

test('what is repaired has the form', () => {
  for (const form of [forms.size, forms.duration, forms.host, forms.inventoryPath]) {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{1,6} ?[a-zA-Z]{1,4}$/)), (text) => {
        const repaired = repairForm(form.title, text);
        return repaired === undefined || new RegExp(form.pattern).test(repaired);
      }),
    );
  }
});

test.each([
  ['cbt_sync', 'cbtSync'],
  ['CUTOVER', 'cutover'],
  ['phas', 'phase'],
  ['pahse', 'phase'],
  ['colour', undefined],
  ['', undefined],
  ['x'.repeat(1000), undefined],
])('nearest to %s is %s', (word, expected) => {
  expect(nearest(word, ['phase', 'cbtSync', 'cutover', 'limits'])).toBe(expected);
});

test('edit distance is a distance', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
      expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(editDistance('web01', 'wbe01'), 'neighbours swapped').toBe(1);
});

// The examples of RFC 7386, appendix A, that have objects on both sides, and some with null inside.
test.each([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{ a: 'foo' }, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('%j with %j is %j', (target, patch, result) => {
  expect(mergePatch(target, patch)).toEqual(result);
});
