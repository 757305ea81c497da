const node = process.execPath;
const tsc = 'node_modules/typescript-native/bin/tsc';
const vitest = (...args) => ['npx', ['vitest', 'run', ...args]];

export const checks = [
  ['types', node, [tsc, '-p', 'tsconfig.json']],
  ['build', node, [tsc, '-p', 'tsconfig.build.json']],
  ['lint', 'npx', ['biome', 'check', '.']],
  ['layers', 'npx', ['depcruise', '--output-type', 'err', 'src', 'lab', 'test']],
  ['unused', 'npx', ['knip']],
  ['unit and golden', ...vitest('--project', 'unit')],
];

export const slow = [
  ['real programs', ...vitest('--project', 'process')],
  ['end to end', ...vitest('--project', 'e2e')],
  ['mutants', node, ['scripts/mutate.mjs']],
];
