import type { PluginReader } from '../contracts/disk-reader.js';
import { firstSecretFd } from '../host/child.js';
import { type NbdServer, ServerStartError, startServer } from '../host/nbd-server.js';
import { findProgram } from '../host/program.js';
import { requireRate } from './rate-file.js';
import { serverFiles, type TransferContext } from './transfer-context.js';

export interface ReaderOptions {
  /** File with the only extents that count as data; see extent-list.ts. */
  readonly extentList?: string;
  /** File or pipe that gets a line for each request and each answer. */
  readonly requestLog?: string;
  readonly rateFile?: string;
}

/** Requests that nbdkit works on at a time, on each connection: as many as nbdcopy keeps in flight. */
const THREADS = 64;

interface Filter {
  readonly name: string;
  readonly args: readonly string[];
}

/**
 * In nbdkit's order, the client's side first. multi-conn may be called safe only because nothing is ever written; blocksize
 * keeps requests at what the remote takes. Its minblock stays 1: with another one, asking for the extents of 4 GiB ends nbdkit
 * (CVE-2025-47712; Debian 12 has it), and what is read begins and ends at sectors anyway. Not retry, which would open the
 * plugin again after a dropped NFC session: it serves one request at a time (docs/adr/0005). A run that loses its session ends,
 * and the next goes on at its checkpoint.
 */
function filtersOf(reader: PluginReader, { extentList, requestLog, rateFile }: ReaderOptions): Filter[] {
  const filters: (Filter | undefined)[] = [
    extentList === undefined ? { name: 'cacheextents', args: [] } : { name: 'extentlist', args: [`extentlist=${extentList}`] },
    requestLog === undefined ? undefined : { name: 'log', args: [`logfile=${requestLog}`] },
    reader.connections > 1 ? { name: 'multi-conn', args: ['multi-conn-mode=unsafe'] } : undefined,
    rateFile === undefined ? undefined : { name: 'rate', args: [`rate-file=${rateFile}`] },
    { name: 'blocksize', args: [`maxdata=${reader.requestBytesMax}`] },
  ];
  return filters.filter((filter) => filter !== undefined);
}

/** The arguments of nbdkit for one reader. Secrets stand there as descriptor numbers only. */
export function nbdkitArgs(reader: PluginReader, files: { socket: string; pidFile: string }, options: ReaderOptions): string[] {
  const filters = filtersOf(reader, options);
  return [
    '--foreground',
    '--exit-with-parent',
    '--readonly',
    `--threads=${THREADS}`,
    '--unix',
    files.socket,
    '--pidfile',
    files.pidFile,
    ...filters.map(({ name }) => `--filter=${name}`),
    reader.plugin,
    ...reader.args,
    ...reader.secrets.map(({ key }, index) => `${key}=-${firstSecretFd + index}`),
    ...filters.flatMap(({ args }) => args),
  ];
}

/** nbdkit by its name is looked up and checked; what a Project names in its place is taken as it is. */
async function programOf({ program }: PluginReader, context: TransferContext): Promise<string> {
  if (program === 'nbdkit') return context.programs.path('nbdkit');
  const found = await findProgram(program);
  if (found === undefined) throw new ServerStartError(`${program} is not a program that can be run`);
  return found;
}

/** Serves a disk read-only. Listening proves little: the plugin opens its remote at the first handshake. */
export async function startNbdkit(
  reader: PluginReader,
  context: TransferContext,
  options: Omit<ReaderOptions, 'rateFile'> = {},
): Promise<NbdServer> {
  const { clock, rateFile } = context;
  if (rateFile !== undefined) await requireRate(rateFile);
  const files = serverFiles(context, 'source');
  const args = nbdkitArgs(reader, files, { ...options, ...(rateFile === undefined ? {} : { rateFile }) });
  const secrets = reader.secrets.map(({ value }) => value);
  return startServer({ program: await programOf(reader, context), args, secrets }, files, clock);
}
