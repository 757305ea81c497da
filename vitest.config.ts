import { defineConfig } from 'vitest/config';

/** What starts programs or needs a cloud. */
const programs = ['**/*.process.test.ts', '**/*.e2e.test.ts', '**/*.cloud.test.ts'];
/** What talks to simulators, or dies at every effect: in this process, but not in a moment. */
const wire = ['test/providers/**/*.test.ts', 'test/crash/**/*.test.ts', 'test/campaign/**/*.test.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    reporters: ['default', './scripts/slowest-tests.mjs', './scripts/count-tests.mjs'],
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text-summary', 'json-summary'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...programs, ...wire],
          testTimeout: 20_000,
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'wire',
          include: ['lab/**/*.test.ts', ...wire],
          exclude: programs,
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'process',
          include: ['test/**/*.process.test.ts', 'lab/**/*.process.test.ts'],
          setupFiles: ['test/waits.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: true,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          setupFiles: ['test/e2e/watch.ts', 'test/waits.ts'],
          include: ['test/**/*.e2e.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 180_000,
          // Each file has simulators, folders and sockets of its own, and most of its time is waiting.
          fileParallelism: true,
          maxWorkers: 3,
        },
      },
    ],
  },
});
