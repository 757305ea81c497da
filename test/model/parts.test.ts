import { expect, test } from 'vitest';
import { partsOf } from '../../src/model/parts.js';

test('parts count on from each other, and one that reports too much from where it ends', () => {
  const told: number[] = [];
  const part = partsOf((bytes) => told.push(bytes));
  const first = part(10);
  first.report(4);
  first.report(12);
  first.finish();
  const second = part(5);
  second.report(1);
  second.finish();
  expect(told).toEqual([4, 10, 10, 11, 15]);
});

test('a part that reports nothing is done all the same, and an empty one changes nothing', () => {
  const told: number[] = [];
  const part = partsOf((bytes) => told.push(bytes));
  part(10).finish();
  part(0).finish();
  expect(told).toEqual([10, 10]);
});

test('a work in parts is one part of another', () => {
  const told: number[] = [];
  const outer = partsOf((bytes) => told.push(bytes));
  outer(100).finish();
  const batch = outer(15);
  const inner = partsOf((bytes) => batch.report(bytes));
  inner(10).finish();
  inner(5).finish();
  batch.finish();
  expect(told).toEqual([100, 110, 115, 115]);
});
