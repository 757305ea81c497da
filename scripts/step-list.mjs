const node = process.execPath;
const tsc = 'node_modules/typescript-native/bin/tsc';
const vitest = (...args) => ['npx', ['vitest', 'run', ...args]];

/** What is seen without running it. */
const looks = {
  beside: [
    [
      ['types', node, [tsc, '-p', 'tsconfig.json']],
      ['types of pages', node, [tsc, '-p', 'src/views/report/browser']],
      ['build', node, ['scripts/build.mjs']],
      ['generated docs', node, ['scripts/generate-docs.mjs', '--check']],
      ['python', node, ['scripts/check-python.mjs']],
    ],
    [
      ['lint', 'npx', ['biome', 'check', '--error-on-warnings', '.']],
      ['layers', 'npx', ['depcruise', '--output-type', 'err', 'src', 'lab', 'test']],
      ['unused', 'npx', ['knip']],
      ['sizes', node, ['scripts/sizes.mjs']],
      ['texts of mutants', node, ['scripts/mutate.mjs', '--texts']],
    ],
  ],
};

/** What is run after every change. */
export const checks = [looks, ['unit and golden', ...vitest('--project', 'unit')]];

/**
 * All of it: with coverage, real programs, the real command line, and code that is broken on purpose. Tests of programs wait for
 * them most of the time and go side by side; those of mutants never wait, and would take the processors away from them.
 */
export const everything = [
  looks,
  ['unit, golden, wire', ...vitest('--project', 'unit', '--project', 'wire', '--coverage')],
  ['real programs', ...vitest('--project', 'process', '--project', 'e2e')],
  ['mutants', node, ['scripts/mutate.mjs']],
];
