// A reporter of vitest: adds what a run's tests came to, as a line of JSON, to the file that MIGPLAN_TEST_COUNTS names
// (scripts/test-counts.mjs sums them). Without that variable it does nothing.
import { appendFileSync } from 'node:fs';

/** What was never begun, because an earlier failure ended the run, was passed over like what says so itself. */
const columns = { passed: 'passed', failed: 'failed', skipped: 'skipped', pending: 'skipped' };

function countsOf(module) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const test of module.children.allTests()) counts[columns[test.result().state]]++;
  // A file that cannot be loaded, or whose set-up fails, has no test that failed.
  if (counts.failed === 0 && !module.ok()) counts.failed = 1;
  return counts;
}

export default class CountTests {
  #file = process.env.MIGPLAN_TEST_COUNTS;

  constructor() {
    // Tests that start a vitest of their own, on code that is broken on purpose, are not counted with it.
    delete process.env.MIGPLAN_TEST_COUNTS;
  }

  onTestRunEnd(modules) {
    if (this.#file === undefined) return;
    for (const module of modules) appendFileSync(this.#file, `${JSON.stringify(countsOf(module))}\n`);
  }
}
