import { readFile, rm } from 'node:fs/promises';
import { type Child, type ChildOptions, runChild, startChild } from './child.js';
import type { Clock } from './clock.js';
import { interruption } from './interruption.js';
import type { ProgramFinder, ProgramName } from './program.js';

/** A server of one unnamed export on a unix socket. */
export interface NbdServer {
  readonly uri: string;
  readonly child: Child;
  /** Ends the server, politely first, and removes its socket. Twice is fine. */
  close(graceMs?: number): Promise<void>;
}

export const uriOf = (socket: string): string => `nbd+unix:///?socket=${encodeURI(socket)}`;

const START_TIMEOUT_MS = 60_000;
const HANDSHAKE_TIMEOUT_MS = 180_000;
/** Between two looks for the pid file: a fourth of what was waited for so far, within these. Often, and no work while a machine is slow. */
const LOOK_MS = { least: 5, most: 100 };

async function isReady(pidFile: string): Promise<boolean> {
  try {
    return (await readFile(pidFile, 'utf8')).trim() !== '';
  } catch {
    return false;
  }
}

/** A server writes its pid file when the socket listens; the socket file itself appears earlier. */
async function waitForPidFile(child: Child, pidFile: string, clock: Clock): Promise<void> {
  const began = clock.monotonicMs();
  while (!(await isReady(pidFile))) {
    if (!child.isRunning()) throw new Error(`ended at once with status ${(await child.exited).status}`);
    const waitedMs = clock.monotonicMs() - began;
    if (waitedMs > START_TIMEOUT_MS) throw new Error(`not ready after ${START_TIMEOUT_MS / 1000} seconds`);
    await clock.sleep(Math.min(Math.max(waitedMs / 4, LOOK_MS.least), LOOK_MS.most));
  }
}

/** The server did not start: what it said itself is the reason to show. */
export class ServerStartError extends Error {
  override readonly name = 'ServerStartError';

  /** `status`: of the program, if it has ended, as ChildExit has it. */
  constructor(message: string, options: ErrorOptions & { readonly status?: number } = {}) {
    super(message, options);
    this.status = options.status;
  }

  readonly status: number | undefined;
}

export interface ServerFiles {
  readonly socket: string;
  readonly pidFile: string;
}

/** Starts a server and waits until it listens. ServerStartError with its own words when it does not. */
export async function startServer(options: ChildOptions, files: ServerFiles, clock: Clock): Promise<NbdServer> {
  const child = startChild(options);
  const close = async (graceMs?: number): Promise<void> => {
    await child.stop(graceMs);
    await Promise.all([rm(files.socket, { force: true }), rm(files.pidFile, { force: true })]);
  };
  try {
    await waitForPidFile(child, files.pidFile, clock);
  } catch (error) {
    await close();
    interruption()?.throwIfAborted();
    const { status } = await child.exited;
    throw new ServerStartError(child.stderr() || (error as Error).message, { cause: error, status });
  }
  return { uri: uriOf(files.socket), child, close };
}

/** Size in bytes as an NBD client is told it. Plugins such as vddk connect to their remote only now. */
export async function handshake(uri: string, programs: ProgramFinder): Promise<number> {
  const program = await programs.path('nbdinfo' satisfies ProgramName);
  const { status, stdout, stderr } = await runChild({ program, args: ['--size', uri], timeoutMs: HANDSHAKE_TIMEOUT_MS });
  const size = Number(stdout);
  if (status !== 0 || stdout === '' || !Number.isSafeInteger(size)) throw new Error(stderr || `nbdinfo gave ${stdout}`);
  return size;
}
