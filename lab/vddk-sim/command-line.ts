/** An nbdkit command line taken apart. */
export interface CommandLine {
  /** Options for nbdkit itself, each with its value, without filters. */
  readonly options: readonly string[];
  /** From the one nearest to the client to the one nearest to the plugin. */
  readonly filters: readonly string[];
  readonly plugin: string | undefined;
  /** `key=value` after the plugin; a bare word has no key. */
  readonly parameters: readonly Parameter[];
}

export interface Parameter {
  readonly key: string | undefined;
  readonly value: string;
}

/** Options of nbdkit 1.32 that take a value. */
const SHORT_WITH_VALUE = 'DegipPtuU';
const LONG_WITH_VALUE = new Set([
  'debug',
  'exportname',
  'export-name',
  'filter',
  'group',
  'ipaddr',
  'ip-addr',
  'log',
  'mask-handshake',
  'pidfile',
  'pid-file',
  'port',
  'run',
  'selinux-label',
  'swap',
  'threads',
  'tls',
  'tls-certificates',
  'tls-psk',
  'unix',
  'user',
]);

/** Takes arguments apart the way getopt does: options may also stand after the plugin. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const options: string[] = [];
  const filters: string[] = [];
  const words: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (arg === '--') {
      words.push(...args.slice(at + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      words.push(arg);
      continue;
    }
    const value = takesNext(arg) ? args[++at] : undefined;
    const filter = arg === '--filter' ? value : /^--filter=(.*)$/.exec(arg)?.[1];
    if (filter !== undefined) filters.push(filter);
    else options.push(arg, ...(value === undefined ? [] : [value]));
  }
  const [plugin, ...parameters] = words;
  return { options, filters, plugin, parameters: parameters.map(parseParameter) };
}

function takesNext(option: string): boolean {
  if (option.startsWith('--')) return !option.includes('=') && LONG_WITH_VALUE.has(option.slice(2));
  return SHORT_WITH_VALUE.includes(option.at(-1)!) && option.length === 2;
}

function parseParameter(word: string): Parameter {
  const match = /^([A-Za-z][\w.-]*)=(.*)$/s.exec(word);
  return match === null ? { key: undefined, value: word } : { key: match[1]!, value: match[2]! };
}

/** True when one of the option's spellings was given. */
export function hasOption({ options }: CommandLine, short: string, ...long: readonly string[]): boolean {
  const cluster = new RegExp(`^-[a-zA-Z]*${short}`);
  return options.some(
    (option) => long.some((name) => option === `--${name}` || option.startsWith(`--${name}=`)) || cluster.test(option),
  );
}
