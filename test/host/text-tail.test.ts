import { expect, test } from 'vitest';
import { Secret } from '../../src/host/secret.js';
import { TextTail } from '../../src/host/text-tail.js';

test('keeps the last characters of many pieces', () => {
  const tail = new TextTail(10);
  for (let i = 0; i < 100; i++) tail.push(`${i},`);
  expect(tail.toString()).toBe('6,97,98,99,'.slice(-10));
});

test('a secret that was cut in half at the front shows no half', () => {
  const tail = new TextTail(8, [new Secret('abcdefgh')]);
  for (const piece of ['xxxxxxxx', 'abcd', 'efgh', '12345678', '9', '0']) tail.push(piece);
  expect(tail.toString()).toBe('34567890');
});

test('every secret comes out as stars, also when it came in two pieces', () => {
  const tail = new TextTail(100, [new Secret('hunter2'), new Secret('')]);
  tail.push('login hun');
  tail.push(Buffer.from('ter2 failed for hunter2\n'));
  expect(tail.toString()).toBe('login *** failed for ***');
});
