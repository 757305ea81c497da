import type { Clock } from '../host/clock.js';
import type { ServerFiles } from '../host/nbd-server.js';
import type { ProgramFinder } from '../host/program.js';

/** What all parts of the data plane share. */
export interface TransferContext {
  /** Private folder with a short path: sockets, pid files, lists. */
  readonly folder: string;
  readonly clock: Clock;
  readonly programs: ProgramFinder;
  /** nbdkit's rate-file: bits per second, read again while running. */
  readonly rateFile?: string;
  /** For how long a copy or a comparison may stand still. */
  readonly stallTimeoutMs: number;
  /** A name that was not used before in the folder. */
  readonly freshName: (kind: string) => string;
}

export function serverFiles({ folder, freshName }: TransferContext, kind: string): ServerFiles {
  const name = freshName(kind);
  return { socket: `${folder}/${name}.sock`, pidFile: `${folder}/${name}.pid` };
}
