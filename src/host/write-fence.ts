import { spawn } from 'node:child_process';
import { trace } from './trace.js';

/** A program was to be started after the time until which this process may write. */
export class WritesEnded extends Error {
  override readonly name = 'WritesEnded';

  constructor(program: string) {
    super(`${program} is not started: the time until which this process may write is over`);
  }
}

/**
 * Until when this process may write, which somebody has to prolong again and again. At the end every program that this process started is
 * killed, by a process of its own: also where this one hangs, was stopped, or is too busy to notice. Time is what a timer counts, so
 * nobody ends it or prolongs it by setting a clock. A machine that stands still as a whole counts none.
 */
export interface WriteFence extends Disposable {
  /** From now on; milliseconds. */
  prolong(ms: number): void;
}

/** What ends at once, again and again, must not keep a machine busy. */
const AGAIN_MS = 100;

const untilMs = new Map<object, number>();

/** Throws WritesEnded where a time is over that was not prolonged. */
export function requireMayWrite(program: string): void {
  const now = performance.now();
  for (const until of untilMs.values()) if (until <= now) throw new WritesEnded(program);
}

/**
 * Reads for how many seconds it has to wait for the next line. When none comes it kills the process groups that the children of $1 lead,
 * again and again until a line comes: what was just being forked is met then. The end of its input is the end of $1, whose
 * children end with it.
 */
const watch = `
parent=$1
left=$2
end_writers() {
  local status key value pid
  for status in /proc/[0-9]*/status; do
    pid=\${status#/proc/}
    pid=\${pid%/status}
    [ "$pid" = "$$" ] && continue
    while read -r key value; do
      [ "$key" = PPid: ] || continue
      [ "$value" = "$parent" ] && kill -KILL -- "-$pid" 2>/dev/null
      break
    done 2>/dev/null <"$status"
  done
}
while :; do
  if IFS= read -r -t "$left" line; then
    left=$line
  elif [ $? -gt 128 ]; then
    end_writers
    left=0.2
  else
    exit 0
  fi
done`;

/**
 * In a session of its own: what is typed at the terminal stops it no more than the programs it ends. Where somebody kills it another one
 * takes its place at once, with what is left of the time.
 */
export function startWriteFence(ms: number): WriteFence {
  const key = {};
  const set = (left: number): void => void untilMs.set(key, performance.now() + left);
  const later = (): void => void setTimeout(again, AGAIN_MS).unref();
  const again = (): void => {
    const until = untilMs.get(key);
    if (until === undefined) return;
    trace('warn', 'program', () => 'who ends writers from outside was ended, and is started again');
    watcher = watched(until - performance.now());
  };
  const watched = (left: number) => {
    const started = startWatcher(left);
    for (const end of ['exit', 'error'] as const) started.once(end, later);
    return started;
  };
  set(ms);
  let watcher = watched(ms);
  return {
    prolong: (left) => {
      set(left);
      watcher.stdin?.write(`${seconds(left)}\n`);
    },
    [Symbol.dispose]: () => {
      untilMs.delete(key);
      watcher.stdin?.end();
    },
  };
}

function startWatcher(ms: number) {
  const watcher = spawn('bash', ['-c', watch, 'write-fence', String(process.pid), seconds(ms)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: { LC_ALL: 'C', PATH: process.env['PATH'] },
  });
  watcher.on('error', (error) => trace('warn', 'program', () => `nobody ends writers from outside: ${error.message}`));
  watcher.stdin?.on('error', () => undefined);
  watcher.unref();
  return watcher;
}

/** bash takes 0 for a look and not for a wait. */
const seconds = (ms: number): string => (Math.max(1, ms) / 1000).toFixed(3);
