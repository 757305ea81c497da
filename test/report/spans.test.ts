import { expect, test } from 'vitest';
import { seen } from '../../src/views/report/browser/spans.js';

// An hour on a hundred pixels: a pixel is 36 seconds.
const hour = [0, 3600] as const;

test.each([
  ['what is wide enough is drawn as it is', [600, 1200], [600, 1200]],
  ['a moment is two pixels wide', [600, 601], [600, 672]],
  ['a moment at the end is seen as well', [3599, 3600], [3528, 3600]],
  ['a moment at the beginning, too', [0, 0], [0, 72]],
] as const)('%s', (_, span, expected) => {
  expect(seen(span, hour, 100)).toEqual(expected);
});
