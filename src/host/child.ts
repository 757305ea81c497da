import { constants } from 'node:os';
import type { Writable } from 'node:stream';
import { execa } from 'execa';
import { childEnvironment } from './child-environment.js';
import { timerMs } from './clock.js';
import { interruption } from './interruption.js';
import { programLogs } from './program-logs.js';
import { ProgramTimeout } from './program-timeout.js';
import type { Secret } from './secret.js';
import { TextTail } from './text-tail.js';
import { trace } from './trace.js';
import { requireMayWrite } from './write-fence.js';

export interface ChildOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** Added to our own environment, of which the program gets what holds no secret. */
  readonly env?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** Each is written to a descriptor of its own and closed at once: the first is 3, the next 4. Never put them in `args`. */
  readonly secrets?: readonly Secret[];
  /** Standard output is for people too, and goes into the log of the program as its standard error does. */
  readonly logsStdout?: boolean;
  /** Gets standard output as it comes; without it the last 64 Ki characters are kept. */
  readonly onStdout?: (chunk: Buffer) => void;
  /** true: standard input is `input` of the child, and ends when we do. Without it there is none. */
  readonly takesInput?: boolean;
}

export interface ChildExit {
  /** 0 to 255; 128 + n when signal n ended it, as a shell tells it; 127 when it could not be started. */
  readonly status: number;
  /** Tails, without the secrets. */
  readonly stdout: string;
  readonly stderr: string;
}

/** A running program with all it starts. Stopping twice is fine. */
export interface Child extends AsyncDisposable {
  readonly exited: Promise<ChildExit>;
  isRunning(): boolean;
  stderr(): string;
  /** Present with `takesInput`. What a program that has ended does not read is lost without an error. */
  readonly input?: Writable;
  /** SIGTERM for the whole group; after `graceMs` SIGKILL. Resolves when all are gone. */
  stop(graceMs?: number): Promise<ChildExit>;
}

export const firstSecretFd = 3;

const STDOUT_CHARACTERS = 65_536;
const STDERR_CHARACTERS = 8_192;
const STOP_GRACE_MS = 10_000;
const ASK_AGAIN_MS = 250;
const CLOSE_GRACE_MS = 5_000;

/**
 * Leads the process group and dies with us, taking the group along, whatever way we die. The kernel sends it SIGHUP when
 * its parent is gone; a parent gone before that was arranged shows as another parent id. It survives SIGTERM, which goes to
 * the whole group, so that the group is never without a leader. `wait` returns early when a trap has run: hence the loop.
 * A shell gives what it starts in the background no standard input; descriptor 9 hands ours through.
 */
const guard = `
[ "$PPID" -eq "$1" ] || exit 125
shift
trap 'kill -KILL 0' HUP
trap : TERM INT
exec 9<&0
"$@" <&9 9<&- &
program=$!
while :; do
  wait "$program"
  status=$?
  kill -0 "$program" 2>/dev/null || exit "$status"
done`;

function signalGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function spawnGuarded({ program, args, env = {}, folder, secrets = [], takesInput = false }: ChildOptions) {
  return execa('setpriv', ['--pdeathsig', 'HUP', 'sh', '-c', guard, 'guard', String(process.pid), program, ...args], {
    stdio: [takesInput ? 'pipe' : 'ignore', 'pipe', 'pipe', ...secrets.map((secret) => Buffer.from(secret.reveal()))],
    extendEnv: false,
    env: { ...childEnvironment(), LC_ALL: 'C', ...env },
    ...(folder === undefined ? {} : { cwd: folder }),
    buffer: false,
    reject: false,
    detached: true,
    cleanup: false,
  });
}

const statusOf = (code: number | undefined, signal: NodeJS.Signals | undefined): number =>
  code ?? (signal === undefined ? 127 : 128 + constants.signals[signal]);

/** How many programs this process has started. */
let started = 0;

/**
 * Starts a program without a shell, in a process group of its own that ends when this process does, even by kill -9. Throws WritesEnded
 * where this process must not write any more: whatever a program is for, it may be one that writes.
 */
export function startChild(options: ChildOptions): Child {
  requireMayWrite(options.program);
  const stdout = new TextTail(STDOUT_CHARACTERS, options.secrets);
  const stderr = new TextTail(STDERR_CHARACTERS, options.secrets);
  const number = ++started;
  trace('info', 'program', () => `#${number} started: ${[options.program, ...options.args].join(' ')}`);
  const log = programLogs()?.begin({ program: options.program, args: options.args, secrets: options.secrets ?? [] });
  const subprocess = spawnGuarded(options);
  let running = subprocess.pid !== undefined;
  subprocess.stdout?.on('data', options.onStdout ?? ((chunk: Buffer) => stdout.push(chunk)));
  if (options.logsStdout === true) subprocess.stdout?.on('data', (chunk: Buffer) => log?.said(chunk));
  subprocess.stderr?.on('data', (chunk: Buffer) => {
    stderr.push(chunk);
    log?.said(chunk);
  });
  subprocess.stdin?.on('error', () => undefined);
  subprocess.once('exit', () => {
    running = false;
    signalGroup(subprocess.pid, 'SIGKILL');
    // Whoever left the group may hold our pipes; we are done with the program all the same.
    setTimeout(() => {
      subprocess.stdout?.destroy();
      subprocess.stderr?.destroy();
    }, CLOSE_GRACE_MS).unref();
  });

  const exited = (async () => {
    const result = await subprocess;
    if (subprocess.pid === undefined) stderr.push(result.originalMessage ?? 'cannot be started');
    const status = statusOf(result.exitCode, result.signal);
    trace('debug', 'program', () => `#${number} ended with status ${status}`);
    log?.ended(status);
    return { status, stdout: stdout.toString(), stderr: stderr.toString() };
  })();

  const stop = async (graceMs = STOP_GRACE_MS): Promise<ChildExit> => {
    if (!running) return exited;
    log?.stopping();
    // More than once: a signal that meets the program between its fork and its start is lost.
    const ask = () => running && signalGroup(subprocess.pid, 'SIGTERM');
    ask();
    const again = setInterval(ask, ASK_AGAIN_MS);
    const kill = setTimeout(() => running && signalGroup(subprocess.pid, 'SIGKILL'), graceMs);
    try {
      return await exited;
    } finally {
      clearInterval(again);
      clearTimeout(kill);
    }
  };

  return {
    exited,
    isRunning: () => running,
    stderr: () => stderr.toString(),
    ...(subprocess.stdin !== null && { input: subprocess.stdin }),
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

export interface RunOptions extends ChildOptions {
  readonly signal?: AbortSignal;
  /** Ends the program, and rejects with a ProgramTimeout, after so long. */
  readonly timeoutMs?: number;
  readonly graceMs?: number;
  /** All of standard input. A program that ends without reading it is no error. */
  readonly bytes?: Uint8Array;
}

/**
 * Runs a program to its end, whatever its status. Rejects with the signal's reason, that of the work being interrupted too,
 * after the program is gone.
 */
export async function runChild({ signal, timeoutMs, graceMs, bytes, ...options }: RunOptions): Promise<ChildExit> {
  const late = new AbortController();
  const ended = AbortSignal.any([signal, interruption(), late.signal].filter((one) => one !== undefined));
  ended.throwIfAborted();
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => late.abort(new ProgramTimeout(options.program, timeoutMs)), timerMs(timeoutMs));
  const child = startChild(bytes === undefined ? options : { ...options, takesInput: true });
  child.input?.end(bytes);
  const stop = () => void child.stop(graceMs);
  ended.addEventListener('abort', stop);
  try {
    const exit = await child.exited;
    ended.throwIfAborted();
    return exit;
  } finally {
    clearTimeout(timer);
    ended.removeEventListener('abort', stop);
  }
}
