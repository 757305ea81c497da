#!/usr/bin/env node
import { readFileSync } from 'node:fs';

if (process.argv.length === 3 && ['--version', '-v', 'version'].includes(process.argv[2])) {
  // Asked by scripts at every step; not worth loading the command line framework.
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`migplan ${version}\n`);
} else {
  const { execute } = await import('@oclif/core');
  await execute({ dir: import.meta.url });
}
