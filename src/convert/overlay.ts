import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ConversionDisk } from '../contracts/converter.js';
import { runChild } from '../host/child.js';
import { writeDurably } from '../host/durable-file.js';
import { isMissing } from '../host/files.js';
import { makeFolders } from '../host/make-folders.js';
import { flushNbd } from '../host/nbd-flush.js';
import type { ProgramFinder } from '../host/program.js';
import { ConvertError } from './errors.js';

/** Reading what an overlay holds, or changing its header: seconds, but the volume below it is opened for some of it. */
const QEMU_IMG_TIMEOUT_MS = 10 * 60_000;
/** As long as a conversion may take: what it wrote is all that is merged. */
const COMMIT_TIMEOUT_MS = 4 * 3_600_000;

const markerOf = (overlay: string): string => `${overlay}.complete`;

/** What went wrong, in its own words. ProgramTimeout when it does not come to an end: it may be waiting for a storage that does not answer. */
async function qemuImg(
  programs: ProgramFinder,
  args: readonly string[],
  timeoutMs = QEMU_IMG_TIMEOUT_MS,
): Promise<string | undefined> {
  const { status, stdout, stderr } = await runChild({ program: await programs.path('qemu-img'), args, timeoutMs });
  return status === 0 ? undefined : stderr || stdout || `qemu-img ended with status ${status}`;
}

/**
 * Makes an empty overlay over the volume. Version 2 of the format (compat=0.10) on purpose: virt-v2v trims every file system
 * at the end, and in version 3 that leaves zero clusters for all free space, hundreds of megabytes to be written as zeroes on
 * commit. Version 2 cannot record them, so a trim does nothing, and a write of zeroes writes zeroes. Measured with a 192 MiB
 * guest: 0 bytes of zero clusters, 0.8 MB of data. (The alternative, qemu-storage-daemon with discard=ignore, can be reached
 * by virt-v2v only through a TCP port that every local user may write to.)
 */
export async function createOverlay({ overlay, endpoint }: ConversionDisk, programs: ProgramFinder): Promise<void> {
  await discardOverlay(overlay);
  await makeFolders(dirname(overlay), 0o700);
  const format = ['-q', '-f', 'qcow2', '-o', 'compat=0.10'];
  const failure = await qemuImg(programs, ['create', ...format, '-b', endpoint.uri, '-F', 'raw', overlay]);
  if (failure !== undefined) throw new ConvertError({ code: 'MP7001', call: 'create overlay', detail: failure });
}

/** The first cluster holds the header with the path of the volume's socket, which is another one in each run. */
const HEADER_BYTES = 65_536;

/** Of everything behind the header: what the conversion wrote. */
async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { start: HEADER_BYTES })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function describe(overlay: string): Promise<string> {
  const { size } = await stat(overlay);
  return `${JSON.stringify({ size, sha256: await digestOf(overlay) })}\n`;
}

/** Checks an overlay that nobody writes to any more, makes it durable and only then marks it complete. */
export async function completeOverlay(overlay: string, programs: ProgramFinder): Promise<void> {
  const steps = [
    ['check', '-q', '-f', 'qcow2', overlay],
    // The socket in its header ends with this run, and qemu takes no other one as long as it is there: see overlayOver.
    ['rebase', '-q', '-u', '-f', 'qcow2', '-b', '', overlay],
  ];
  for (const step of steps) {
    const failure = await qemuImg(programs, step);
    if (failure !== undefined) throw new ConvertError({ code: 'MP7001', call: `${step[0]} overlay`, detail: failure });
  }
  await using handle = await open(overlay, 'r+');
  await handle.sync();
  await writeDurably(markerOf(overlay), await describe(overlay));
}

/** Whether the overlay is there, was completed, and is what it was then. */
export async function hasOverlay(overlay: string): Promise<boolean> {
  try {
    return (await readFile(markerOf(overlay), 'utf8')) === (await describe(overlay));
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** The mark goes first: without it, what is left of the overlay counts for nothing. */
export async function discardOverlay(overlay: string): Promise<void> {
  await rm(markerOf(overlay), { force: true });
  await rm(overlay, { force: true });
}

/**
 * Merges a complete overlay into its volume. `-d` leaves the overlay as it is, so that a commit that was cut short can be
 * repeated, and even one that was finished: every time the same clusters are written. Nobody interrupts it, so it has a time limit.
 */
export async function commitOverlay(disk: ConversionDisk, programs: ProgramFinder, timeoutMs = COMMIT_TIMEOUT_MS): Promise<void> {
  const fail = (detail: string) => new ConvertError({ code: 'MP7002', call: 'commit overlay', detail });
  if (!(await hasOverlay(disk.overlay))) throw fail(`${disk.overlay} is not here, or not complete`);
  // The header names the socket of the run that made the overlay; only the name is changed, nothing is opened.
  const moved = await qemuImg(programs, [
    'rebase',
    '-u',
    '-q',
    '-f',
    'qcow2',
    '-F',
    'raw',
    '-b',
    disk.endpoint.uri,
    disk.overlay,
  ]);
  if (moved !== undefined) throw fail(moved);
  const failure = await qemuImg(programs, ['commit', '-q', '-d', '-f', 'qcow2', disk.overlay], timeoutMs);
  if (failure !== undefined) throw fail(failure);
  const flush = await flushNbd(disk.endpoint.uri, programs);
  if (flush.status !== 0) throw fail(`flush: ${flush.stderr || flush.stdout}`);
}
