import { askVcenter } from './ask-vcenter.js';
import { hasOption, parseCommandLine } from './command-line.js';
import { findRealNbdkit } from './real-nbdkit.js';
import { crash, dumpPlugin, passThrough, serve, serveRefusal } from './shell-commands.js';
import { BadArguments, checkLibdir, crashOf, readLocalArguments, readVddkArguments } from './vddk-arguments.js';

/** Prints the shell commands the wrapper goes on with. Arguments: the wrapper's directory, its process id, and nbdkit's own. */
async function main([ownDirectory = '', pid = '', ...args]: readonly string[]): Promise<string> {
  const nbdkit = findRealNbdkit(ownDirectory, process.env['PATH'] ?? '');
  const line = parseCommandLine(args);
  if (line.plugin !== 'vddk') return passThrough(nbdkit, args);
  const libdir = line.parameters.find(({ key }) => key === 'libdir')?.value ?? '';
  if (line.options.includes('--dump-plugin')) return dumpPlugin(checkLibdir(libdir));
  if (!hasOption(line, 'f', 'foreground', 'no-fork', 'run'))
    throw new BadArguments('the stand-in counts readers by process id: run it with --foreground');
  const crashes = crashOf(libdir);
  if (crashes === 'start') return crash();
  const local = readLocalArguments(line);
  if (local !== undefined) {
    const server = { pid: Number(pid), nbdkit, line, vddk: local };
    return serveRefusal(server, crashes === 'open' ? 'crash' : 'The file type is not supported');
  }
  const vddk = readVddkArguments(line);
  if (crashes === 'open') return serveRefusal({ pid: Number(pid), nbdkit, line, vddk }, 'crash');
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
