const node = process.execPath;
const tsc = 'node_modules/typescript-native/bin/tsc';
const vitest = (...args) => ['npx', ['vitest', 'run', ...args]];

const beforeTests = [
  ['types', node, [tsc, '-p', 'tsconfig.json']],
  ['build', node, ['scripts/build.mjs']],
  ['lint', 'npx', ['biome', 'check', '--error-on-warnings', '.']],
  ['layers', 'npx', ['depcruise', '--output-type', 'err', 'src', 'lab', 'test']],
  ['unused', 'npx', ['knip']],
  ['python', node, ['scripts/check-python.mjs']],
];

/** What is run after every change. */
export const checks = [
  ...beforeTests,
  ['generated docs', node, ['scripts/generate-docs.mjs', '--check']],
  ['unit and golden', ...vitest('--project', 'unit')],
];

/** All of it: with coverage, real programs, the real command line, and code that is broken on purpose. */
export const everything = [
  ...beforeTests,
  ['generated docs', node, ['scripts/generate-docs.mjs', '--check']],
  ['unit, golden, wire', ...vitest('--project', 'unit', '--project', 'wire', '--coverage')],
  ['real programs', ...vitest('--project', 'process')],
  ['end to end', ...vitest('--project', 'e2e')],
  ['mutants', node, ['scripts/mutate.mjs']],
];
