const node = process.execPath;
const tsc = 'node_modules/typescript-native/bin/tsc';
const vitest = (...args) => ['npx', ['vitest', 'run', ...args]];

const beforeTests = [
  ['types', node, [tsc, '-p', 'tsconfig.json']],
  ['build', node, [tsc, '-p', 'tsconfig.build.json']],
  ['lint', 'npx', ['biome', 'check', '--error-on-warnings', '.']],
  ['layers', 'npx', ['depcruise', '--output-type', 'err', 'src', 'lab', 'test']],
  ['unused', 'npx', ['knip']],
];

/** Left to `npm test`, so that the quick check stays quick: suites that talk to simulators, and dying at every effect. */
const longer = ['lab/**', 'test/providers/**', 'test/crash/**'].flatMap((pattern) => ['--exclude', pattern]);

/** What is run after every change. */
export const checks = [...beforeTests, ['unit and golden', ...vitest('--project', 'unit', ...longer)]];

/** All of it: with coverage, real programs, the real command line, and code that is broken on purpose. */
export const everything = [
  ...beforeTests,
  ['unit and golden', ...vitest('--project', 'unit', '--coverage')],
  ['real programs', ...vitest('--project', 'process')],
  ['end to end', ...vitest('--project', 'e2e')],
  ['mutants', node, ['scripts/mutate.mjs']],
];
