import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assertPlainMetadata, plainName } from '../../src/model/plain-text.js';

describe('plainName', () => {
  test.each([
    ['erp-db01 (2)', /^erp-db01 \(2\)$/],
    ['Büro', /^Buro-[0-9a-f]{8}$/],
    ['сервер', /^______-[0-9a-f]{8}$/],
    ['web🚀', /^web_-[0-9a-f]{8}$/],
    ['a\nb', /^a_b-[0-9a-f]{8}$/],
    ['', /^-[0-9a-f]{8}$/],
  ])('%j', (name, expected) => {
    expect(plainName(name)).toMatch(expected);
  });

  test('every cloud stores it, and two names stay two', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ unit: 'binary', maxLength: 40 }), (a, b) => {
        expect(plainName(a)).toMatch(/^[\x20-\x7e]{1,255}$/);
        expect(plainName(a) === plainName(b)).toBe(a === b);
      }),
      { numRuns: 30 },
    );
  });
});

describe('assertPlainMetadata', () => {
  test.each([
    ['an emoji', { key: '🚀' }],
    ['an umlaut', { key: 'ü' }],
    ['256 characters', { key: 'x'.repeat(256) }],
    ['an empty key', { '': 'x' }],
    ['a line break', { key: 'a\nb' }],
  ])('%s is a bug of ours, and the value is not quoted', (_name, metadata) => {
    expect(() => assertPlainMetadata(metadata)).toThrow(/this is a bug in migplan/);
    expect(() => assertPlainMetadata(metadata)).not.toThrow(/🚀|ü|xxx/);
  });

  test('255 characters, an empty value, and keys as the kit spells them', () => {
    expect(() => assertPlainMetadata({ migplan: 'x'.repeat(255), changeID: '', 'a.b:c/d e-f_g': 'x' })).not.toThrow();
  });
});
