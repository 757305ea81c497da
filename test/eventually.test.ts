import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const WAITER = 'test/eventually.ts';

test('nothing waits with a limit of its own making: a bare vi.waitFor gives up after one second, which a busy machine takes', () => {
  const sources = ['test', 'lab'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  const call = ['vi', 'waitFor('].join('.');
  expect(sources.filter((path) => readFileSync(path, 'utf8').includes(call))).toEqual([WAITER]);
});
