import { afterEach, beforeEach } from 'vitest';
import { takeWaits } from '../lab/harness/waits.js';

declare module 'vitest' {
  interface TaskMeta {
    /** For the list of the slowest tests (scripts/slowest-tests.mjs): what the test waited for, and how many ms. */
    waited?: Record<string, number>;
  }
}

beforeEach(() => void takeWaits());
afterEach(({ task }) => {
  task.meta.waited = takeWaits();
});
