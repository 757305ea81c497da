import { access, constants, readdir, stat, writeFile } from 'node:fs/promises';
import { constants as osConstants } from 'node:os';
import { join } from 'node:path';
import type { DiagnosticCode } from '../diag/catalog.js';
import { type Diagnostic, DiagnosticsError } from '../diag/diagnostic.js';
import { runChild } from '../host/child.js';
import { interruption } from '../host/interruption.js';
import type { PluginReader, ReaderNeed } from '../providers/disk-reader.js';
import { handshake, ServerStartError, type TransferContext } from './nbd-server.js';
import { startNbdkit } from './nbdkit-server.js';
import { SET_LIBDIR } from './reader-trouble.js';
import { QEMU_BLOCK_PACKAGES } from './volume-export.js';

type PluginNeed = Extract<ReaderNeed, { kind: 'plugin' }>;
type Problem = Pick<Diagnostic, 'code' | 'detail' | 'nextSteps'>;

const problem = (code: DiagnosticCode, detail: string, nextSteps: readonly string[]): Problem => ({ code, detail, nextSteps });

/** How a program ends whose library does what it must not. A kill by somebody, or for want of memory, proves nothing. */
const FAULTS = ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE'] as const;

/** The fault that ended a program with this status, as a shell tells it. */
export const faultOf = (status: number | undefined): string | undefined =>
  FAULTS.find((name) => status === 128 + osConstants.signals[name]);

/** What this machine lacks for the readers of a source: MP8006 to MP8009, or nothing. No disk is opened. */
export async function checkReader(need: ReaderNeed, context: TransferContext): Promise<Diagnostic[]> {
  const found = await problemsOf(need, context);
  return found.map((one) => ({ severity: 'error', ...one }));
}

async function problemsOf(need: ReaderNeed, context: TransferContext): Promise<Problem[]> {
  switch (need.kind) {
    case 'plugin': {
      const missing = await missingLibrary(need.library);
      // Without its library a plugin cannot start, and with another one it is no proof; whether it is there shows all the same.
      const told = await tryPlugin(need, context);
      return missing === undefined ? told : [...told.filter(({ code }) => code === 'MP8006'), missing];
    }
    case 'rbd':
      return checkRbd(need.conf, context);
    case 'folder':
      return (await isFolder(need.path)) ? [] : [noFolder(need.path)];
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

const noFolder = (path: string): Problem =>
  problem('MP8009', `${path}, where the Project says that volumes of the source are, is no folder of this machine`, [
    'run migplan on the storage host, or correct access.local.folders of the provider',
  ]);

async function missingLibrary({ folder, name }: PluginNeed['library']): Promise<Problem | undefined> {
  if (!(await isFolder(folder))) return problem('MP8007', `libdir ${folder} is no folder of this machine`, [SET_LIBDIR]);
  const names = [...(await namesIn(join(folder, 'lib64'))), ...(await namesIn(folder))];
  if (names.some((one) => one.startsWith(name))) return undefined;
  return problem('MP8007', `libdir ${folder} has no ${name} in it, nor in lib64 below it`, [SET_LIBDIR]);
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

/**
 * Starts the reader as a copy does, on an empty file of this machine: the plugin loads its library, and makes the first steps of
 * an opening, which must fail without taking the program along.
 */
async function tryPlugin(need: PluginNeed, context: TransferContext): Promise<Problem[]> {
  const file = join(context.folder, context.freshName('no-disk'));
  await writeFile(file, '', { mode: 0o600, flag: 'wx' });
  const { program, plugin } = need;
  const args = [...need.args, `file=${file}`];
  const reader: PluginReader = { program, plugin, args, secrets: [], requestBytesMax: 2 ** 21, connections: 1 };
  try {
    const server = await startNbdkit(reader, context);
    await handshake(server.uri, context.programs).catch(() => undefined);
    await server.close();
    interruption()?.throwIfAborted();
    const fault = faultOf((await server.child.exited).status);
    return fault === undefined ? [] : [unsuitable(need, `${fault} when it opened a first disk`)];
  } catch (error) {
    return [whyNotStarted(error, need)];
  }
}

function whyNotStarted(error: unknown, need: PluginNeed): Problem {
  const { program, plugin } = need;
  if (error instanceof DiagnosticsError)
    return problem('MP8006', `nbdkit cannot be used: ${first(error.message)}`, INSTALL_PLUGIN);
  if (!(error instanceof ServerStartError)) throw error;
  const fault = faultOf(error.status);
  if (fault !== undefined) return unsuitable(need, `${fault} when it loaded the library`);
  const said = error.message;
  if (/cannot (?:open|find) plugin|is not a program that can be run/.test(said)) {
    return problem('MP8006', `${program} cannot load its plugin ${plugin}: ${first(said)}`, INSTALL_PLUGIN);
  }
  return problem('MP8007', `${program} ${plugin} does not start with the library in ${need.library.folder}: ${first(said)}`, [
    'see which libraries it lacks: ldd on libvixDiskLib.so in lib64 of libdir',
    'take VDDK 8 for nbdkit before 1.44; VDDK 9 needs nbdkit 1.44 or newer',
  ]);
}

const first = (said: string): string => said.split('\n')[0]!.replace(/^nbdkit: error: /, '');

const INSTALL_PLUGIN = [
  'On Fedora or RHEL: dnf install nbdkit-vddk-plugin',
  'On Debian 13 or Ubuntu 25.04 and newer: apt-get install nbdkit-plugin-vddk',
  'elsewhere build nbdkit with its vddk plugin, and name the file as plugin: of the reader',
];

const unsuitable = ({ program, plugin, library }: PluginNeed, how: string): Problem =>
  problem('MP8008', `${program} ${plugin} was ended by ${how}: the library in ${library.folder} does not fit it`, [
    'take VDDK 8 for nbdkit before 1.44; VDDK 9 needs nbdkit 1.44 or newer',
    SET_LIBDIR,
  ]);

/** With a configuration that is not there qemu ends at once; when it lacks the driver it says so instead. */
async function checkRbd(conf: string, { programs, folder, freshName }: TransferContext): Promise<Problem[]> {
  const isReadable = await access(conf, constants.R_OK).then(
    () => true,
    () => false,
  );
  const unreadable = problem('MP8009', `${conf}, which names the Ceph cluster of the source, cannot be read`, [
    "copy it from the storage's administrators, with the user's keyring, or correct access.rbd.conf of the provider",
  ]);
  const program = await programs.path('qemu-storage-daemon').catch(() => undefined);
  const without = join(folder, freshName('no-conf'));
  const blockdev = JSON.stringify({ driver: 'rbd', pool: 'p', image: 'i', conf: without, 'node-name': 'n', 'read-only': true });
  const said = program === undefined ? without : await wordsOf(program, ['--blockdev', blockdev]);
  // It repeats its arguments.
  const words = said.replaceAll(blockdev, '…');
  const noDriver = problem('MP8009', `qemu has no driver for Ceph RBD here: ${first(words)}`, QEMU_BLOCK_PACKAGES);
  return [...(isReadable ? [] : [unreadable]), ...(words.includes(without) ? [] : [noDriver])];
}

const wordsOf = async (program: string, args: readonly string[]): Promise<string> =>
  (await runChild({ program, args, timeoutMs: TIMEOUT_MS })).stderr;

const TIMEOUT_MS = 60_000;
