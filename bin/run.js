#!/usr/bin/env node
import { readFileSync } from 'node:fs';

if (process.argv.length === 3 && ['--version', '-v', 'version'].includes(process.argv[2])) {
  // Asked by scripts at every step; not worth loading the command line framework.
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`migplan ${version}\n`);
} else {
  const { flush, handle, run } = await import('@oclif/core');
  try {
    await run(process.argv.slice(2), import.meta.url);
    await flush();
  } catch (error) {
    // The plugin that suggests commands ends with a shell's code for it; a mistyped command is a usage error like others.
    if (error?.oclif?.exit === 127) error.oclif.exit = 1;
    await handle(error);
  }
}
