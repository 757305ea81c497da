import { resolve } from 'node:path';
import { DiagnosticsError } from '../diag/diagnostic.js';
import { LogFile } from '../host/log-file.js';
import { endTrace, type TraceLevel, traceInto, traceLevels } from '../host/trace.js';

/** Of the file and its predecessor together. */
const FILE_BYTES_MAX = 64 * 2 ** 20;

export interface TracingOptions {
  /** MIGPLAN_LOG: `LEVEL` or `LEVEL:FILE`. */
  readonly wanted: string | undefined;
  /** --verbose: all there is, wherever MIGPLAN_LOG sends it. */
  readonly verbose: boolean;
  /** FILE is relative to it. */
  readonly folder: string;
  readonly err: (text: string) => void;
}

export interface Tracing {
  /** Whether lines come on standard error, between what is printed there. */
  readonly isOnStderr: boolean;
  /** Resolves when all that was told is written. */
  end(): Promise<void>;
}

const off: Tracing = { isOnStderr: false, end: async () => undefined };

/** Throws DiagnosticsError MP8010 for a MIGPLAN_LOG that cannot be understood. */
export function startTracing({ wanted = '', verbose, folder, err }: TracingOptions): Tracing {
  const { level, file } = readWanted(wanted);
  const least = verbose ? 'debug' : level;
  if (least === undefined) return off;
  if (file === undefined) {
    traceInto(least, err);
    return { isOnStderr: true, end: async () => endTrace() };
  }
  return intoFile(least, resolve(folder, file), err);
}

function intoFile(level: TraceLevel, path: string, err: (text: string) => void): Tracing {
  let isTold = false;
  const onTrouble = ({ message }: Error): void => {
    if (!isTold) err(`Warning: what MIGPLAN_LOG asks for cannot be written, and the command goes on: ${message}\n`);
    isTold = true;
  };
  const log = new LogFile({ path, bytesMax: FILE_BYTES_MAX, onTrouble });
  traceInto(level, (line) => log.write(line));
  return {
    isOnStderr: false,
    end: async () => {
      endTrace();
      await log.settled();
    },
  };
}

function readWanted(wanted: string): { readonly level?: TraceLevel; readonly file?: string } {
  if (wanted === '') return {};
  const colon = wanted.indexOf(':');
  const [name, file] = colon < 0 ? [wanted, undefined] : [wanted.slice(0, colon), wanted.slice(colon + 1)];
  const level = traceLevels.find((one) => one === name);
  if (level !== undefined && file !== '') return { level, ...(file !== undefined && { file }) };
  throw new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP8010',
      detail: `MIGPLAN_LOG is "${wanted}"`,
      nextSteps: [`use one of ${traceLevels.join(', ')}, and a file if need be: export MIGPLAN_LOG=debug:migplan.log`],
    },
  ]);
}
