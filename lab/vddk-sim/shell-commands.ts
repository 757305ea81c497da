import type { Knobs, OpenAnswer } from './ask-vcenter.js';
import type { CommandLine } from './command-line.js';
import type { VddkArguments } from './vddk-arguments.js';

/** Descriptor that leads to nbdkit's own stderr from within a script of its eval plugin. */
const ERROR_DESCRIPTOR = 9;
/** Descriptor of the file that counts reads. */
const COUNT_DESCRIPTOR = 8;

export const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const exec = (words: readonly string[]): string => `exec ${words.map(quote).join(' ')}`;

export interface Server<Disk = VddkArguments> {
  /** Of the shell that becomes nbdkit. */
  readonly pid: number;
  readonly nbdkit: string;
  readonly line: CommandLine;
  readonly vddk: Disk;
}

/** A library that ends the program that loads it. */
export const crash = (): string => 'kill -SEGV $$';

/** Commands that make the shell the server of the disk, or of VDDK's refusal. */
export function serve(server: Server, answer: OpenAnswer): string {
  const { passwordDescriptor } = server.vddk;
  const close =
    passwordDescriptor === undefined || passwordDescriptor >= COUNT_DESCRIPTOR ? '' : `exec ${passwordDescriptor}<&-\n`;
  return close + (answer.ok ? serveImage(server, answer) : serveRefusal(server, answer.reason));
}

function serveImage({ pid, nbdkit, line, vddk }: Server, { image, knobs }: { image: string; knobs: Knobs }): string {
  const added = [multiConnOff(line), ...slowReads(line, knobs), killAfterReads(line, knobs, pid)].filter(
    (one) => one !== undefined,
  );
  const command = exec([
    nbdkit,
    ...line.options,
    ...[...line.filters, ...added.map(({ filter }) => filter)].map((filter) => `--filter=${filter}`),
    'file',
    `file=${image}`,
    ...vddk.filterParameters,
    ...added.map(({ parameter }) => parameter),
  ]);
  return knobs.killAfterReads === undefined
    ? command
    : `count=$(mktemp); exec ${COUNT_DESCRIPTOR}>"$count"; rm "$count"\n${command}`;
}

interface AddedFilter {
  readonly filter: string;
  readonly parameter: string;
}

const unlessGiven = ({ filters }: CommandLine, added: AddedFilter): AddedFilter | undefined =>
  filters.includes(added.filter) ? undefined : added;

/** The file plugin offers several connections, the vddk plugin does not. A caller's own filter decides for itself. */
const multiConnOff = (line: CommandLine): AddedFilter | undefined =>
  unlessGiven(line, { filter: 'multi-conn', parameter: 'multi-conn-mode=disable' });

/** Reads that wait one after the other, as at a busy host: side by side, all of a copy's would wait at the same time. */
function slowReads(line: CommandLine, { readDelayMs }: Knobs): (AddedFilter | undefined)[] {
  if (readDelayMs === undefined) return [];
  return [
    unlessGiven(line, { filter: 'noparallel', parameter: 'serialize=requests' }),
    unlessGiven(line, { filter: 'delay', parameter: `rdelay=${readDelayMs}ms` }),
  ];
}

/**
 * The log filter runs a script at each event. Reads are counted in a nameless file that the shell leaves open.
 * The process id is fixed here: once nbdkit is gone, the script's parent is somebody else.
 */
function killAfterReads(line: CommandLine, { killAfterReads: reads }: Knobs, pid: number): AddedFilter | undefined {
  if (reads === undefined) return undefined;
  const count = `/proc/${pid}/fd/${COUNT_DESCRIPTOR}`;
  const isEnough = `[ "$(wc -l < ${count})" -ge ${reads} ]`;
  const script = `if [ "$act $type" = "Read LEAVE" ]; then echo >> ${count}; ! ${isEnough} || kill -KILL ${pid}; fi 2> /dev/null`;
  return unlessGiven(line, { filter: 'log', parameter: `logscript=${script}` });
}

/** A server that starts and listens, and refuses each client; the reason goes to stderr only. With `crash` the first one ends it. */
export function serveRefusal(
  { pid, nbdkit, line, vddk }: Server<Pick<VddkArguments, 'file' | 'filterParameters'>>,
  reason: string,
): string {
  const text = `nbdkit: vddk[1]: error: VixDiskLib_Open: ${vddk.file}: ${reason}`;
  const refuse = `echo ${quote(text)} >&${ERROR_DESCRIPTOR}; echo 'EIO cannot open the disk' >&2; exit 1`;
  const open = reason === 'crash' ? `kill -SEGV ${pid}; sleep 1; exit 1` : refuse;
  const command = exec([
    nbdkit,
    ...line.options,
    ...line.filters.map((filter) => `--filter=${filter}`),
    'eval',
    `open=${open}`,
    'get_size=echo 0',
    'pread=exit 1',
    ...vddk.filterParameters,
  ]);
  return `exec ${ERROR_DESCRIPTOR}>&2\n${command}`;
}

/** What `--dump-plugin` prints. */
export function dumpPlugin(libdir: string): string {
  const lines = [
    'name=vddk',
    'longname=VMware VDDK plugin (lab stand-in)',
    'api_version=2',
    'max_thread_model=parallel',
    'thread_model=parallel',
    'errno_is_preserved=0',
    'magic_config_key=file',
    'vddk_default_libdir=/usr/lib64/vmware-vix-disklib',
    'vddk_has_nfchostport=1',
    'vddk_library_version=8',
    `vddk_dll=${libdir}/lib64/libvixDiskLib.so.8`,
    'VixDiskLib_Flush=1',
    'VixDiskLib_GetInfo=1',
    'VixDiskLib_QueryAllocatedBlocks=1',
    'VixDiskLib_ReadAsync=1',
    'VixDiskLib_Wait=1',
    'VixDiskLib_WriteAsync=1',
  ];
  return `printf '%s\\n' ${lines.map(quote).join(' ')}; exit 0`;
}
