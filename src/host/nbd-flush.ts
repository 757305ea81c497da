import { type ChildExit, runChild } from './child.js';
import type { ProgramFinder } from './program.js';

const FLUSH_TIMEOUT_MS = 600_000;

/** Makes durable what anyone wrote to an NBD server before. Status 0 when it is. */
export async function flushNbd(uri: string, programs: ProgramFinder): Promise<ChildExit> {
  const program = await programs.path('qemu-io');
  return runChild({ program, args: ['-f', 'raw', '-c', 'flush', uri], timeoutMs: FLUSH_TIMEOUT_MS });
}
