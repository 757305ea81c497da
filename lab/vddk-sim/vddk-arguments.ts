import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { type CommandLine, hasOption } from './command-line.js';
import { belongsToFilter } from './filter-parameters.js';

/** The parameters of nbdkit's vddk plugin that reading a remote snapshot may use. */
const VDDK_KEYS = new Set([
  'compression',
  'config',
  'cookie',
  'file',
  'libdir',
  'nfchostport',
  'password',
  'port',
  'server',
  'single-link',
  'snapshot',
  'thumbprint',
  'transports',
  'unbuffered',
  'user',
  'vimapiver',
  'vm',
]);
const COMPRESSIONS = ['none', 'zlib', 'fastlz', 'skipz'];
const TRANSPORTS = new Set(['file', 'san', 'hotadd', 'nbdssl', 'nbd']);
const THUMBPRINT = /^[0-9A-F]{2}(:[0-9A-F]{2}){19}$/i;

/** Arguments that can never work. nbdkit ends at once with this text. */
export class BadArguments extends Error {}

export interface VddkArguments {
  readonly libdir: string;
  readonly server: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Descriptor the password came from, to be closed. */
  readonly passwordDescriptor: number | undefined;
  readonly thumbprint: string;
  /** Without `moref=`. */
  readonly vm: string;
  readonly snapshot: string | undefined;
  readonly file: string;
  /** Those of the filters, as given. */
  readonly filterParameters: readonly string[];
}

/** Checks the command line as strictly as the plugin, and reads the password unless it was read. Throws BadArguments. */
export function readVddkArguments(line: CommandLine, password?: string): VddkArguments {
  const { values, filterParameters } = splitParameters(line);
  checkChoices(values);
  const required = (key: string): string => {
    const value = values.get(key);
    if (value === undefined || value === '') throw new BadArguments(`you must supply the '${key}' parameter`);
    return value;
  };
  const libdir = checkLibdir(required('libdir'));
  const vm = /^moref=(.+)$/.exec(required('vm'))?.[1];
  if (vm === undefined) throw new BadArguments(`'vm' must be 'moref=' and an id, not '${values.get('vm')}'`);
  const snapshot = values.get('snapshot');
  if (snapshot?.startsWith('moref=')) throw new BadArguments(`'snapshot' takes a bare id, not '${snapshot}'`);
  if (snapshot !== undefined && !hasOption(line, 'r', 'readonly', 'read-only'))
    throw new BadArguments('a snapshot can only be opened with --readonly');
  const thumbprint = required('thumbprint');
  if (!THUMBPRINT.test(thumbprint)) throw new BadArguments(`'thumbprint' is not a SHA-1 of 20 pairs joined by colons`);
  const form = required('password');
  return {
    libdir,
    vm,
    snapshot,
    thumbprint,
    filterParameters,
    server: required('server'),
    port: Number(values.get('port') ?? 443),
    user: required('user'),
    file: required('file'),
    ...readPassword(form, password),
  };
}

/** The last of repeated parameters wins. A bare word is the file. */
function splitParameters({ filters, parameters }: CommandLine): { values: Map<string, string>; filterParameters: string[] } {
  const values = new Map<string, string>();
  const filterParameters: string[] = [];
  for (const { key, value } of parameters) {
    if (key === undefined && value.includes('='))
      throw new BadArguments(`expecting key=value on the command line but got: ${value}`);
    if (key === undefined || VDDK_KEYS.has(key)) values.set(key ?? 'file', value);
    else if (belongsToFilter(filters, key)) filterParameters.push(`${key}=${value}`);
    else throw new BadArguments(`unknown parameter '${key}'`);
  }
  return { values, filterParameters };
}

function checkChoices(values: ReadonlyMap<string, string>): void {
  const compression = values.get('compression');
  if (compression !== undefined && !COMPRESSIONS.includes(compression))
    throw new BadArguments(`unknown compression type: ${compression}`);
  const unknown = values
    .get('transports')
    ?.split(':')
    .find((name) => !TRANSPORTS.has(name));
  if (unknown !== undefined) throw new BadArguments(`unknown transport: ${unknown}`);
  const config = values.get('config');
  if (config !== undefined && !existsSync(config)) throw new BadArguments(`${config}: no such configuration file`);
  const port = values.get('port');
  if (port !== undefined && !/^\d{1,5}$/.test(port)) throw new BadArguments(`could not parse port: ${port}`);
  if (values.get('single-link') === '1' || values.get('single-link') === 'true')
    throw new BadArguments('single-link would read the top of the chain only');
}

/** The directory must hold the library, or something by its name, which can be loaded. */
export function checkLibdir(libdir: string): string {
  const library = findLibrary(libdir);
  if (library === undefined) throw notLoaded(join(libdir, 'lib64', SONAME));
  const needs = /^needs (\S+)/.exec(readFileSync(library, 'utf8'))?.[1];
  if (needs !== undefined) throw notLoaded(needs);
  return libdir;
}

/** When the library that stands there ends its program by a signal, if it does. */
export function crashOf(libdir: string): 'start' | 'open' | undefined {
  const library = findLibrary(libdir);
  const text = library === undefined ? '' : readFileSync(library, 'utf8');
  return /^crashes at (start|open)/.exec(text)?.[1] as 'start' | 'open' | undefined;
}

const SONAME = 'libvixDiskLib.so.8';

function findLibrary(libdir: string): string | undefined {
  return [join(libdir, 'lib64'), libdir]
    .filter((directory) => existsSync(directory))
    .flatMap((directory) => readdirSync(directory).map((name) => join(directory, name)))
    .find((path) => /\/libvixDiskLib\.so\.[678]/.test(path));
}

/** As the plugin says it. */
const notLoaded = (what: string): BadArguments =>
  new BadArguments(
    `${what}: cannot open shared object file: No such file or directory\n\n` +
      `If '${SONAME}' is located on a non-standard path you may need to\n` +
      'set libdir=/path/to/vmware-vix-disklib-distrib.\n\n' +
      'See nbdkit-vddk-plugin(1) man page section "LIBRARY LOCATION" for details.',
  );

/** A file of this machine, which needs no server; undefined when a remote disk is asked for. */
export function readLocalArguments(
  line: CommandLine,
): { readonly file: string; readonly filterParameters: string[] } | undefined {
  const { values, filterParameters } = splitParameters(line);
  const isRemote = ['server', 'user', 'password', 'vm', 'thumbprint', 'snapshot', 'port', 'cookie'].some((key) =>
    values.has(key),
  );
  if (isRemote) return undefined;
  const file = values.get('file') ?? '';
  if (!isAbsolute(file)) throw new BadArguments(`you must supply the 'file' parameter, an absolute path for a local file`);
  checkLibdir(values.get('libdir') ?? '');
  return { file, filterParameters };
}

/** `+FILE` or `-FD`, first line. The other two forms are refused: one shows in the process list, the other asks a terminal. */
function readPassword(form: string, taken: string | undefined): { password: string; passwordDescriptor: number | undefined } {
  const descriptor = /^-(\d+)$/.exec(form)?.[1];
  const file = /^\+(.+)$/s.exec(form)?.[1];
  if (descriptor === undefined && file === undefined)
    throw new BadArguments('the password must be given as +FILE or -FD, not on the command line');
  if (descriptor !== undefined && Number(descriptor) < 3)
    throw new BadArguments('the password descriptor must not be a standard stream');
  try {
    const text = file === undefined && taken !== undefined ? taken : readFileSync(file ?? Number(descriptor), 'utf8');
    return {
      password: text.split(/\r?\n/)[0] ?? '',
      passwordDescriptor: descriptor === undefined ? undefined : Number(descriptor),
    };
  } catch (error) {
    throw new BadArguments(`could not read the password: ${(error as NodeJS.ErrnoException).code ?? ''}`);
  }
}
