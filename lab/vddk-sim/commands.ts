import { askVcenter } from './ask-vcenter.js';
import { hasOption, parseCommandLine } from './command-line.js';
import { findRealNbdkit } from './real-nbdkit.js';
import { crash, dumpPlugin, serve, serveRefusal } from './shell-commands.js';
import { BadArguments, checkLibdir, crashOf, readLocalArguments, readVddkArguments } from './vddk-arguments.js';

/** One start of the stand-in with the vddk plugin. */
export interface Start {
  /** The wrapper's directory. */
  readonly ownDirectory: string;
  /** Of the shell that becomes nbdkit. */
  readonly pid: number;
  /** Where the real nbdkit is looked for. */
  readonly path: string;
  /** What the wrapper has read from the descriptor that `password` names. */
  readonly password: string | undefined;
  /** nbdkit's own. */
  readonly args: readonly string[];
}

/** The shell commands the wrapper goes on with. BadArguments and other errors are nbdkit's last words. */
export async function commandsFor({ ownDirectory, pid, path, password, args }: Start): Promise<string> {
  const nbdkit = findRealNbdkit(ownDirectory, path);
  const line = parseCommandLine(args);
  const libdir = line.parameters.find(({ key }) => key === 'libdir')?.value ?? '';
  if (line.options.includes('--dump-plugin')) return dumpPlugin(checkLibdir(libdir));
  if (!hasOption(line, 'f', 'foreground', 'no-fork', 'run'))
    throw new BadArguments('the stand-in counts readers by process id: run it with --foreground');
  const crashes = crashOf(libdir);
  if (crashes === 'start') return crash();
  const local = readLocalArguments(line);
  if (local !== undefined) {
    const server = { pid, nbdkit, line, vddk: local };
    return serveRefusal(server, crashes === 'open' ? 'crash' : 'The file type is not supported');
  }
  const vddk = readVddkArguments(line, password);
  if (crashes === 'open') return serveRefusal({ pid, nbdkit, line, vddk }, 'crash');
  return serve({ pid, nbdkit, line, vddk }, await askVcenter(vddk, pid));
}

/** As nbdkit says it. */
export function lastWords(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return `nbdkit: error: ${error instanceof BadArguments ? 'vddk: ' : ''}${text}`;
}
