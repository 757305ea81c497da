import { readdir, readFile, stat } from 'node:fs/promises';
import type { Clock } from '../../../host/clock.js';
import { type NbdServer, ServerStartError, startServer } from '../../../host/nbd-server.js';
import type { ProgramFinder } from '../../../host/program.js';
import { type CallSite, inUse, notOpened } from '../errors.js';
import type { Image } from './judge-image.js';

export interface ServingContext {
  readonly site: CallSite;
  readonly clock: Clock;
  readonly programs: ProgramFinder;
  /** Not used before: names of socket and pid file are made of it. */
  readonly base: string;
}

/**
 * How qemu opens an image: in the declared format, with nothing behind it. QEMU lets a reader of a raw file in beside a running
 * machine that writes to it; blkdebug takes that permission away, so that neither comes in while the other is there.
 */
export function imageBlockdev({ path, format }: Pick<Image, 'path' | 'format'>): Record<string, unknown> {
  const file = { driver: 'file', filename: path, 'read-only': true, locking: 'on', aio: 'threads' };
  const alone = { driver: 'blkdebug', 'unshare-child-perms': ['write', 'resize'], 'read-only': true, image: file };
  const backing = format === 'raw' ? {} : { backing: null };
  return { 'node-name': 'image', driver: format, 'read-only': true, file: alone, ...backing };
}

export const imageServerArgs = (image: Pick<Image, 'path' | 'format'>, socket: string, pidFile: string): string[] => [
  '--blockdev',
  JSON.stringify(imageBlockdev(image)),
  '--nbd-server',
  `addr.type=unix,addr.path=${socket.replaceAll(',', ',,')}`,
  '--export',
  'type=nbd,id=image,node-name=image,name=,writable=off',
  '--pidfile',
  pidFile,
];

/**
 * Serves an image read-only, and keeps every QEMU from writing to it meanwhile. ProviderError held when one has it open, failed when
 * it cannot be opened, or what was opened is not what was judged.
 */
export async function serveImage(image: Image, { site, clock, programs, base }: ServingContext): Promise<NbdServer> {
  const files = { socket: `${base}.sock`, pidFile: `${base}.pid` };
  const program = await programs.path('qemu-storage-daemon');
  const args = imageServerArgs(image, files.socket, files.pidFile);
  const server = await startServer({ program, args }, files, clock).catch((error: unknown) => {
    throw error instanceof ServerStartError ? refusal(site, image, error) : error;
  });
  try {
    await requireSameFiles(site, image, files.pidFile);
    return server;
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** qemu says so of a lock that it does not get. */
const refusal = (site: CallSite, { path }: Image, error: ServerStartError) =>
  /Failed to (?:get|lock)|another process using the image/.test(error.message)
    ? inUse(site, `${path} is in use: ${error.message}`, error)
    : notOpened(site, `${path}: ${error.message}`, error);

/**
 * Between the look at a path and its opening somebody may have put something else there, and what an image holds may name further
 * files: what the server has open is exactly what was judged.
 */
async function requireSameFiles(site: CallSite, { path, files }: Image, pidFile: string): Promise<void> {
  const expected = new Set(files.map(({ facts }) => `${facts.dev}:${facts.ino}`));
  const opened = await openedFiles((await readFile(pidFile, 'utf8')).trim(), pidFile);
  if (opened.size === expected.size && [...opened].every((file) => expected.has(file))) return;
  throw notOpened(site, `${path}: the files that were opened are not those that were looked at`);
}

/** Regular ones, as `DEVICE:INODE`. */
async function openedFiles(pid: string, pidFile: string): Promise<ReadonlySet<string>> {
  const folder = `/proc/${pid}/fd`;
  const own = await stat(pidFile, { bigint: true });
  const found = await Promise.all(
    (await readdir(folder)).map((fd) => stat(`${folder}/${fd}`, { bigint: true }).catch(() => undefined)),
  );
  return new Set(
    found.flatMap((facts) => (facts?.isFile() === true && facts.ino !== own.ino ? [`${facts.dev}:${facts.ino}`] : [])),
  );
}
