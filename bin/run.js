#!/usr/bin/env node
import { closeSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';
import { typed } from './arguments.js';

/** Output that cannot be written ends nothing; whoever reads it on purpose only in part, as head does, is no error. */
const outliveOutput = () => {
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners('error');
    stream.on('error', ({ code }) => {
      if (code !== 'EPIPE') process.exitCode ||= 1;
    });
  }
};

/** Node ends by SIGABRT when it cannot reset a terminal that went away (seen with 20.20); it leaves closed descriptors alone. */
const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
process.on('exit', () => {
  for (const descriptor of terminals) if (!isatty(descriptor)) closeSync(descriptor);
});

/** The framework would colour files and pipes of a CI job, too; it looks when it is loaded. Ours look at each stream. */
const quietly = async (load) => {
  if (process.env.FORCE_COLOR !== undefined || (isatty(1) && isatty(2))) return await load();
  process.env.FORCE_COLOR = '0';
  try {
    return await load();
  } finally {
    delete process.env.FORCE_COLOR;
  }
};

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const given = typed(process.argv.slice(2));

if (given.length === 1 && ['--version', '-v', 'version'].includes(given[0])) {
  // Asked by scripts at every step; not worth loading the command line framework.
  outliveOutput();
  process.stdout.write(`migplan ${pjson.version}\n`);
} else {
  const { flush, handle, run } = await quietly(() => import('../dist/cli/main.js'));
  outliveOutput();
  try {
    await run(given, { root, pjson });
    await flush();
  } catch (error) {
    // The plugin that suggests commands ends with a shell's code for it; a mistyped command is a usage error like others.
    if (error?.oclif?.exit === 127) error.oclif.exit = 1;
    await handle(error);
  }
}
