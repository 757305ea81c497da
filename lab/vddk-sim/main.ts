import { askVcenter } from './ask-vcenter.js';
import { hasOption, parseCommandLine } from './command-line.js';
import { findRealNbdkit } from './real-nbdkit.js';
import { dumpPlugin, passThrough, serve } from './shell-commands.js';
import { BadArguments, checkLibdir, readVddkArguments } from './vddk-arguments.js';

/** Prints the shell commands the wrapper goes on with. Arguments: the wrapper's directory, its process id, and nbdkit's own. */
async function main([ownDirectory = '', pid = '', ...args]: readonly string[]): Promise<string> {
  const nbdkit = findRealNbdkit(ownDirectory, process.env['PATH'] ?? '');
  const line = parseCommandLine(args);
  if (line.plugin !== 'vddk') return passThrough(nbdkit, args);
  if (line.options.includes('--dump-plugin'))
    return dumpPlugin(checkLibdir(line.parameters.find(({ key }) => key === 'libdir')?.value ?? ''));
  if (!hasOption(line, 'f', 'foreground', 'no-fork', 'run'))
    throw new BadArguments('the stand-in counts readers by process id: run it with --foreground');
  const vddk = readVddkArguments(line);
  return serve({ pid: Number(pid), nbdkit, line, vddk }, await askVcenter(vddk, Number(pid)));
}

main(process.argv.slice(2)).then(
  (commands) => process.stdout.write(`${commands}\n`),
  (error: unknown) => {
    const text = error instanceof Error ? error.message : String(error);
    process.stderr.write(`nbdkit: error: ${error instanceof BadArguments ? 'vddk: ' : ''}${text}\n`);
    process.exitCode = 1;
  },
);
