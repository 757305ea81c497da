#!/usr/bin/env node
// Random worlds, people, faults and kills against the commands, until a rule is broken or time is up. See test/campaign.
import { spawnSync } from 'node:child_process';
import { root } from './steps.mjs';

const run = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;

const compiled = run('node_modules/typescript-native/bin/tsc', '-p', 'tsconfig.campaign.json');
process.exit(compiled === 0 ? run('dist/campaign/test/campaign/main.js', ...process.argv.slice(2)) : compiled);
