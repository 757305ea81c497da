import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExtentMapReader } from '../../src/transfer/extent-map.js';

function read(text: string, cuts: readonly number[] = []): readonly unknown[] {
  const map = new ExtentMapReader();
  const bytes = Buffer.from(text);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let start = 0;
  for (const end of ends) {
    map.push(bytes.subarray(start, end));
    start = end;
  }
  return map.end();
}

const text = [
  '         0       65536    0  data',
  '     65536       65536    1  hole',
  '    131072       65536    3  hole,zero',
  '    196608       65536    2  zero',
  '    262144      131072    0  data',
].join('\n');

const expected = [
  { offset: 0, length: 131_072 },
  { offset: 262_144, length: 131_072 },
];

test('a hole without a promise of zeroes counts as data; what touches is joined', () => {
  expect(read(text)).toEqual(expected);
  expect(read(`${text}\n`)).toEqual(expected);
  expect(read('')).toEqual([]);
});

test('however the text is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(500), { maxLength: 10 }), (cuts) => {
      expect(read(text, cuts)).toEqual(expected);
    }),
    { seed: 3, numRuns: 200 },
  );
});

test('anything else is refused', () => {
  expect(() => read('0 65536 0 data\nnonsense\n')).toThrow('not a line of an extent map: nonsense');
});

test('a million lines', () => {
  const map = new ExtentMapReader();
  for (let i = 0; i < 1000; i++) {
    let chunk = '';
    for (let j = 0; j < 1000; j++) chunk += `${(i * 1000 + j) * 65_536} 65536 ${j % 2 === 0 ? '0  data' : '3  hole,zero'}\n`;
    map.push(Buffer.from(chunk));
  }
  expect(map.end()).toHaveLength(500_000);
});
