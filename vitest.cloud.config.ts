import { defineConfig } from 'vitest/config';

// What is tried on the real cloud of lab/openstack, which must be up. One file after the other:
// most share its project demo. scripts/test-cloud.mjs runs those of project other beside them.
export default defineConfig({
  test: {
    name: 'cloud',
    pool: 'forks',
    reporters: ['default', './scripts/slowest-tests.mjs', './scripts/count-tests.mjs'],
    setupFiles: ['test/waits.ts'],
    include: ['test/cloud/**/*.cloud.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 900_000,
    fileParallelism: false,
  },
});
