import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readIfThere } from '../../src/host/files.js';

test.each([
  ['a name that nothing has', 'migplan-no-such-file'],
  ['a name that is longer than any file has', 'x'.repeat(300)],
])('%s is nothing', async (_, name) => {
  expect(await readIfThere(join(tmpdir(), name))).toBeUndefined();
});

test('what is there and cannot be read is an error', async () => {
  await expect(readIfThere(tmpdir())).rejects.toThrow('EISDIR');
});
