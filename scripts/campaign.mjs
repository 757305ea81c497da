#!/usr/bin/env node
// Random worlds, people, faults and kills, until a rule is broken or time is up; see test/campaign and lab/campaign. Without a seed
// one is drawn and told; `--seed tree` is the one that this tree of files always gets. With --story FILE that story is played and nothing else.
import { execFileSync, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { root } from './steps.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    minutes: { type: 'string', default: '2.5' },
    story: { type: 'string' },
    tier: { type: 'string', default: 'both' },
    'keep-going': { type: 'boolean', default: false },
    'pass-over': { type: 'string', multiple: true, default: [] },
  },
});
/** Of the minutes; the rest is for the real program. */
const IN_MEMORY = 0.6;
const tiers = {
  memory: { project: 'tsconfig.campaign.json', program: 'dist/test/campaign/main.js' },
  program: { project: 'tsconfig.build.json', program: 'dist/lab/campaign/main.js' },
};

const run = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;

function play(tier, args) {
  const { project, program } = tiers[tier];
  const compiled = run('node_modules/typescript-native/bin/tsc', '-p', project);
  return compiled === 0 ? run(program, ...args) : compiled;
}

/** Other stories for every change, and the same wherever that change is tried. */
function seedOfTree() {
  const tree = execFileSync('git', ['rev-parse', 'HEAD^{tree}'], { cwd: root, encoding: 'utf8' });
  return String(Number.parseInt(tree.slice(0, 7), 16));
}

function campaign() {
  if (values.story !== undefined) return play('memory', ['--story', values.story]);
  const seed = values.seed === 'tree' ? seedOfTree() : (values.seed ?? String(randomInt(2 ** 31)));
  const wanted = values.tier === 'both' ? Object.keys(tiers) : [values.tier];
  const share = (tier) => (wanted.length === 1 ? 1 : tier === 'memory' ? IN_MEMORY : 1 - IN_MEMORY);
  const common = [
    ...(values['keep-going'] ? ['--keep-going'] : []),
    ...values['pass-over'].flatMap((rule) => ['--pass-over', rule]),
  ];
  const ends = wanted.map((tier) =>
    play(tier, ['--seed', seed, '--minutes', String(Number(values.minutes) * share(tier)), ...common]),
  );
  return Math.max(...ends);
}

process.exit(campaign());
