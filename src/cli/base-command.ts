import { resolve } from 'node:path';
import { Command, Flags } from '@oclif/core';
import { errorDiagnostics } from '../apply/error-diagnostics.js';
import { exitOfError } from '../apply/error-exit.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import { exitCodes } from '../diag/exit-codes.js';
import { printable } from '../diag/printable.js';
import type { Invocation } from '../engine/runs/journal-run.js';
import { trace } from '../host/trace.js';
import type { Runtime, RuntimeOptions } from '../runtime.js';
import { diagnosticText } from '../views/diagnostic-text.js';
import { JsonLines } from '../views/json-lines.js';
import { bugLines } from '../views/printable.js';
import { type OutputLoss, processStreams, type Streams } from '../views/streams.js';
import { style } from '../views/style.js';
import type { ViewOptions } from '../views/view-options.js';
import { startTracing, type Tracing } from './tracing.js';

/** Ends the command with this code once output is done; not an error to print. */
class Exit extends Error {
  constructor(readonly exitCode: number) {
    super(`exit ${exitCode}`);
  }
}

export interface CommonFlags {
  readonly json: boolean;
  readonly color: boolean;
  readonly chdir?: string | undefined;
}

/** What all commands share: where the project is, how to print, and the one way out. */
export abstract class BaseCommand extends Command {
  static override baseFlags = {
    chdir: Flags.directory({ summary: 'Work as if started in this folder.', exists: true, helpGroup: 'GLOBAL' }),
    json: Flags.boolean({ summary: 'Print JSON for programs instead of text for people.', helpGroup: 'GLOBAL' }),
    input: Flags.boolean({
      summary: 'Ask at the terminal where something has to be approved.',
      allowNo: true,
      default: true,
      helpGroup: 'GLOBAL',
    }),
    verbose: Flags.boolean({
      summary:
        'Tell on standard error what is asked of whom, which programs are started, what is decided and why. See MIGPLAN_LOG.',
      helpGroup: 'GLOBAL',
    }),
    color: Flags.boolean({
      summary: 'Colour the output (NO_COLOR is honoured).',
      allowNo: true,
      default: true,
      helpGroup: 'GLOBAL',
    }),
  };

  /** The terminal; with `openRuntime`, all that a command knows of the world outside. */
  protected readonly streams: Streams & Partial<OutputLoss> = processStreams;

  protected async openRuntime(options: Omit<RuntimeOptions, 'env'>): Promise<Runtime> {
    const { Runtime } = await import('../runtime.js');
    return Runtime.open({ ...options, env: process.env });
  }

  private tracing: Tracing | undefined;

  protected override async init(): Promise<void> {
    await super.init();
    const folder = resolve(folderAskedFor(this.argv) ?? '.');
    const verbose = this.argv.includes('--verbose');
    const err = this.streams.err.bind(this.streams);
    this.tracing = startTracing({ wanted: process.env['MIGPLAN_LOG'], verbose, folder, err });
    trace('info', 'migplan', () => `${this.config.version} on Node ${process.version}: ${this.invocation().command.join(' ')}`);
  }

  /** What ended the command, when it was an error. */
  protected ending: readonly Diagnostic[] = [];

  private wantsJson = this.argv.includes('--json');
  private noColor = this.argv.includes('--no-color');

  protected viewOptions({ json, color }: CommonFlags): ViewOptions {
    this.wantsJson = json;
    this.noColor = !color;
    return {
      streams: this.streams,
      format: json ? 'json' : 'human',
      noColor: !color,
      isTraced: this.tracing?.isOnStderr === true,
      inAutomation: (process.env['MIGPLAN_IN_AUTOMATION'] ?? '') !== '',
      version: this.config.version,
      now: () => new Date(),
      monotonicMs: () => performance.now(),
    };
  }

  /** The command as it is typed. */
  private get words(): string {
    return (this.id ?? '').replaceAll(':', ' ');
  }

  /** How this process was called, for the journal of what it does. */
  protected invocation(): Invocation {
    return { version: this.config.version, command: [this.config.bin, this.words, ...this.argv] };
  }

  protected folder({ chdir }: CommonFlags): string {
    return resolve(chdir ?? '.');
  }

  /** A file named on the command line: relative to the folder that is worked in. */
  protected path(common: CommonFlags, file: string): string {
    return resolve(this.folder(common), file);
  }

  /** Never returns. */
  protected end(code: number): never {
    throw new Exit(code);
  }

  /** The one way out: prints what is to be said and sets the exit code, so that streams are flushed before the process ends. */
  protected override async catch(thrown: Error): Promise<void> {
    const error = causeOf(thrown);
    if (error instanceof Exit) {
      process.exitCode = error.exitCode;
      return;
    }
    const isUsage = 'oclif' in error || 'parse' in error;
    const diagnostics = isUsage ? undefined : errorDiagnostics(error, '');
    process.exitCode = exitOfError(error);
    this.ending = diagnostics ?? [bugFound];
    if (diagnostics === undefined) {
      const help = isUsage ? `\nSee: ${this.config.bin} ${this.words} --help\n` : '\n';
      this.streams.err(
        isUsage
          ? `Error: ${usageText(error)}\n${help}`
          : `Error: something went wrong that migplan does not understand [MP9001]\n${bugLines(error)}\n`,
      );
      return;
    }
    this.tellDiagnostics(diagnostics.map((diagnostic) => (diagnostic.address === '' ? withoutAddress(diagnostic) : diagnostic)));
  }

  /** Beside what views say: errors that ended the command, warnings when all is over. */
  protected tellDiagnostics(told: readonly Diagnostic[]): void {
    if (this.wantsJson) {
      const lines = new JsonLines(this.streams, () => new Date());
      for (const diagnostic of told) lines.diagnostic(diagnostic);
      return;
    }
    const paint = style({ isTerminal: this.streams.errIsTerminal, off: this.noColor });
    for (const diagnostic of told) this.streams.err(`${diagnosticText(diagnostic, paint)}\n`);
  }

  /** Success that nobody could be told of is none. */
  protected override async finally(): Promise<void> {
    await this.tracing?.end();
    await settled();
    const lost = this.streams.lost?.();
    if (lost === undefined) return;
    this.streams.err(`Error: standard output could not be written (${lost}); what was printed is not complete [MP1021]\n`);
    if ((process.exitCode ?? exitCodes.ok) === exitCodes.ok) process.exitCode = exitCodes.error;
  }
}

const bugFound: Diagnostic = {
  severity: 'error',
  code: 'MP9001',
  detail: 'something went wrong that migplan does not understand',
};

/** Before options are parsed: what is traced begins earlier. */
const folderAskedFor = (argv: readonly string[]): string | undefined =>
  argv.find((word) => word.startsWith('--chdir='))?.slice('--chdir='.length) ?? argv[argv.indexOf('--chdir') + 1 || argv.length];

/** Errors of a stream come after the write that met them. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What ended the command, when leaving it failed as well. */
const causeOf = (error: Error): Error => {
  const isSuppressed = error.name === 'SuppressedError' && 'suppressed' in error && error.suppressed instanceof Error;
  return isSuppressed ? causeOf(error.suppressed as Error) : error;
};

/** The framework's words are several lines, and quote what was typed. */
/** Its own hint at --help is left out: ours names the command. */
const usageText = ({ message }: Error): string =>
  message
    .split('\n')
    .filter((line) => line.trim() !== 'See more help with --help')
    .map((line) => printable(line.trim()))
    .join('\n  ');

function withoutAddress<T extends { readonly address?: string }>({ address: _, ...rest }: T): Omit<T, 'address'> {
  return rest;
}
