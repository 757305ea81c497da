import { describe, expect, test } from 'vitest';
import { drawFrom, newSeed } from '../../src/host/random.js';

describe('draws', () => {
  test('follow from the seed, and another seed gives others', () => {
    const some = (seed: string) => Array.from({ length: 40 }, drawFrom(seed).bind(undefined, 1_000_000));
    expect(some('a')).toEqual(some('a'));
    expect(some('a')).not.toEqual(some('b'));
    expect(newSeed()).toMatch(/^[0-9a-f]{32}$/);
    expect(newSeed()).not.toBe(newSeed());
  });

  test('stay below their bound, and no part of the range is preferred', () => {
    const draw = drawFrom(newSeed());
    const hits = [0, 0, 0];
    for (let index = 0; index < 9000; index++) hits[draw(3)]! += 1;
    for (const count of hits) expect(Math.abs(count - 3000)).toBeLessThan(300);
    const most = 2 ** 48;
    for (let index = 0; index < 100; index++) expect(draw(most)).toBeLessThan(most);
    expect(draw(1)).toBe(0);
  });
});
