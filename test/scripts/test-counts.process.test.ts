import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

// Goal: the line that says how many tests ran is true, also for what fails before its first test, and when several runs are summed.
// Method: the two scripts with the real vitest, on files whose outcome is known.
const root = process.cwd();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'counted-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const files = {
  'mixed.test.ts': `
    test('a', () => {}); test('b', () => {}); test('c', () => expect(1).toBe(2));
    test.skip('d', () => {}); test.todo('e');`,
  'set-up.test.ts': `beforeAll(() => { throw new Error('no'); }); test('f', () => {});`,
  'nested.test.ts': `test('g', () => expect(process.env.MIGPLAN_TEST_COUNTS).toBeUndefined());`,
  'unloadable.test.ts': `throw new Error('no');`,
};

function addRun(counts: string, names: (keyof typeof files)[]): number | null {
  for (const name of names) {
    writeFileSync(
      join(folder, name),
      `import { beforeAll, expect, test } from 'vitest'; void beforeAll; void expect; ${files[name]}`,
    );
  }
  const args = ['vitest', 'run', '--root', folder, '--reporter', join(root, 'scripts/count-tests.mjs'), ...names];
  return spawnSync('npx', args, { cwd: root, env: { ...process.env, MIGPLAN_TEST_COUNTS: counts } }).status;
}

const sum = (counts: string): string =>
  spawnSync(process.execPath, ['scripts/test-counts.mjs', counts], { cwd: root, encoding: 'utf8' }).stdout;

test('what passed, failed and was skipped, over several runs of vitest', () => {
  const counts = join(folder, 'counts');
  expect(sum(counts)).toBe('0 passed, 0 failed, 0 skipped\n');
  expect(addRun(counts, ['mixed.test.ts'])).toBe(1);
  expect(sum(counts)).toBe('2 passed, 1 failed, 2 skipped\n');
  addRun(counts, ['set-up.test.ts', 'unloadable.test.ts']);
  expect(sum(counts)).toBe('2 passed, 3 failed, 3 skipped\n');
  addRun(counts, ['nested.test.ts']);
  expect(sum(counts)).toBe('3 passed, 3 failed, 3 skipped\n');
});
