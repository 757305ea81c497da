import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));

// Only what lists the things that a cloud has noted may look whether there is one.
test('planner and apply decide by what a source is like, never by which it is', () => {
  const asking = [...files('src/plan'), ...files('src/apply')].filter((file) =>
    /\bopenstackGuest\s*[!=]==\s*undefined/.test(readFileSync(file, 'utf8')),
  );
  expect(asking).toEqual(['src/plan/cutover/not-carried.ts']);
});
