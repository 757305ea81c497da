import { access, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openRunFolder } from '../../src/host/run-folder.js';

test('is private, short enough for sockets, and gone when disposed', async () => {
  const folder = await openRunFolder({ XDG_RUNTIME_DIR: `/tmp/${'long'.repeat(30)}` });
  expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
  expect(folder.path.length).toBeLessThan(50);
  await folder[Symbol.asyncDispose]();
  await expect(access(folder.path)).rejects.toThrow('ENOENT');
});
