import { access, constants, readdir, stat, writeFile } from 'node:fs/promises';
import { constants as osConstants } from 'node:os';
import { join } from 'node:path';
import type { MachineNeed, PluginReader } from '../contracts/disk-reader.js';
import type { DiagnosticCode } from '../diag/catalog.js';
import { type Diagnostic, DiagnosticsError } from '../diag/diagnostic.js';
import { runChild } from '../host/child.js';
import { interruption } from '../host/interruption.js';
import { handshake, ServerStartError } from '../host/nbd-server.js';
import { startNbdkit } from './nbdkit-server.js';
import { SET_LIBDIR } from './reader-failure.js';
import type { TransferContext } from './transfer-context.js';
import { QEMU_BLOCK_PACKAGES } from './volume-export.js';

type PluginNeed = Extract<MachineNeed, { kind: 'plugin' }>;
type Problem = Pick<Diagnostic, 'code' | 'detail' | 'nextSteps'>;

const problem = (code: DiagnosticCode, detail: string, nextSteps: readonly string[]): Problem => ({ code, detail, nextSteps });

/** How a program ends whose library does what it must not. A kill by somebody, or for want of memory, proves nothing. */
const FAULTS = ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE'] as const;

/** The fault that ended a program with this status, as a shell tells it. */
export const faultOf = (status: number | undefined): string | undefined =>
  FAULTS.find((name) => status === 128 + osConstants.signals[name]);

/** What this machine lacks for the readers of a source: MP8006 to MP8009, or nothing. No disk is opened. */
export async function checkNeed(need: MachineNeed, context: TransferContext): Promise<Diagnostic[]> {
  const found = await problemsOf(need, context);
  const severity = need.kind !== 'plugin' && need.isOneOfSeveral === true ? 'warning' : 'error';
  return found.map((one) => ({ severity, ...one }));
}

async function problemsOf(need: MachineNeed, context: TransferContext): Promise<Problem[]> {
  switch (need.kind) {
    case 'plugin': {
      const missing = await missingLibrary(need.library);
      // Without its library a plugin cannot start, and with another one it is no proof; whether it is there shows all the same.
      const told = await tryPlugin(need, context);
      return missing === undefined ? told : [...told.filter(({ code }) => code === 'MP8006'), missing];
    }
    case 'rbd':
      return checkRbd(need.conf, context);
    case 'driver':
      return checkDriver(need.driver, context);
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
  problem('MP8009', `${path}, where the Project says that volumes are, is no folder of this machine`, [
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

async function checkRbd(conf: string, context: TransferContext): Promise<Problem[]> {
  const isReadable = await access(conf, constants.R_OK).then(
    () => true,
    () => false,
  );
  const unreadable = problem('MP8009', `${conf}, which names a Ceph cluster, cannot be read`, [
    "copy it from the storage's administrators, with the user's keyring, or correct access.rbd.conf of the provider",
  ]);
  return [...(isReadable ? [] : [unreadable]), ...(await checkDriver('rbd', context))];
}

type Driver = 'rbd' | 'iscsi' | 'nfs';

/** Images that are nowhere, so that qemu ends at once: without any network for Ceph, at a port of this machine for the others. */
const nowhere: { readonly [D in Driver]: Readonly<Record<string, unknown>> } = {
  rbd: { pool: 'none', image: 'none', conf: '/nonexistent/ceph.conf' },
  iscsi: { transport: 'tcp', portal: '127.0.0.1:1', target: 'iqn.2000-01.invalid:none', lun: 0 },
  nfs: { server: { type: 'inet', host: '127.0.0.1' }, path: '/nonexistent/none' },
};

/** Whether qemu has the driver, which many distributions pack on its own: it says so before it opens anything. */
async function checkDriver(driver: Driver, { programs }: TransferContext): Promise<Problem[]> {
  const program = await programs.path('qemu-storage-daemon').catch(() => undefined);
  if (program === undefined) return [];
  const blockdev = JSON.stringify({ driver, 'node-name': 'none', 'read-only': true, ...nowhere[driver] });
  const { stderr } = await runChild({ program, args: ['--blockdev', blockdev], timeoutMs: TIMEOUT_MS });
  if (!/Unknown driver|does not accept value/.test(stderr)) return [];
  // It repeats its arguments.
  const words = first(stderr.replaceAll(` --blockdev ${blockdev}:`, ''));
  return [problem('MP8009', `qemu cannot open volumes by its driver ${driver} here: ${words}`, QEMU_BLOCK_PACKAGES)];
}

const TIMEOUT_MS = 60_000;
