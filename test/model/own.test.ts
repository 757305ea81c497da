import { expect, test } from 'vitest';
import { own } from '../../src/model/own.js';

test.each(['constructor', 'toString', 'hasOwnProperty', '__proto__', 'valueOf'])('%s is no member that anybody wrote', (name) => {
  expect(own({}, name)).toBeUndefined();
  expect(own({ [name]: 1 }, name)).toBe(1);
});
