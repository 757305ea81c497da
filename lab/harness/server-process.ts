import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;

export interface ServerProcess<Ready> extends AsyncDisposable {
  readonly ready: Ready;
  readonly pid: number;
}

/** Starts `node script ...args --ready FILE` and resolves when FILE is there; its output goes to a log file. */
export async function startServer<Ready>(
  script: string,
  args: readonly string[],
  files: { readonly ready: string; readonly log: string },
): Promise<ServerProcess<Ready>> {
  await rm(files.ready, { force: true });
  const log = createWriteStream(files.log, { flags: 'a' });
  const child = spawn(process.execPath, [script, ...args, '--ready', files.ready], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  const ready = await readiness<Ready>(child, files);
  return { ready, pid: child.pid!, [Symbol.asyncDispose]: () => stop(child) };
}

async function readiness<Ready>(child: ChildProcess, { ready, log }: { ready: string; log: string }): Promise<Ready> {
  for (let waited = 0; waited < READY_WITHIN_MS; waited += POLL_MS) {
    if (child.exitCode !== null) throw new Error(`a lab server ended at once:\n${await readFile(log, 'utf8')}`);
    try {
      return JSON.parse(await readFile(ready, 'utf8')) as Ready;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    await sleep(POLL_MS);
  }
  child.kill('SIGKILL');
  throw new Error(`a lab server was not ready after ${READY_WITHIN_MS} ms:\n${await readFile(log, 'utf8')}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}
