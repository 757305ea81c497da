import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.js';

/** What starts programs or needs a cloud. */
const programs = ['**/*.process.test.ts', '**/*.e2e.test.ts', '**/*.cloud.test.ts'];
/** Most of the time tests of programs wait for them: so many files keep two processors busy, to the end. */
const PROGRAM_WORKERS = 5;
/** Vitest keeps one processor for itself, and does little: a second worker leaves none idle. */
const WORKERS = Math.max(2, availableParallelism() - 1);
/** What talks to simulators, or dies at every effect: in this process, but not in a moment. */
const wire = ['test/providers/**/*.test.ts', 'test/crash/**/*.test.ts', 'test/campaign/**/*.test.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    // Limits of time are there to end what hangs: nothing is known of how busy the machine is.
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './scripts/slowest-tests.mjs', './scripts/count-tests.mjs'],
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text-summary', 'json-summary'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...programs, ...wire],
          testTimeout: 60_000,
          isolate: false,
          maxWorkers: WORKERS,
        },
      },
      {
        extends: true,
        test: {
          name: 'wire',
          include: ['lab/**/*.test.ts', ...wire],
          exclude: programs,
          testTimeout: 120_000,
          isolate: false,
          maxWorkers: WORKERS,
        },
      },
      {
        extends: true,
        test: {
          name: 'process',
          include: ['test/**/*.process.test.ts', 'lab/**/*.process.test.ts'],
          setupFiles: ['test/waits.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: true,
          maxWorkers: PROGRAM_WORKERS,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          setupFiles: ['test/e2e/watch.ts', 'test/waits.ts'],
          include: ['test/**/*.e2e.test.ts'],
          testTimeout: 1_200_000,
          hookTimeout: 600_000,
          // Each file has simulators, folders and sockets of its own.
          fileParallelism: true,
          maxWorkers: PROGRAM_WORKERS,
        },
      },
    ],
  },
});
