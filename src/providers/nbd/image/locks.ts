import type { BigIntStats } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** The bytes that QEMU locks of an image that it writes to or resizes, whatever the image holds there. */
const WRITING = [101, 103];
const LINE = /^\d+: OFDLCK +\S+ +\S+ +-?\d+ ([0-9a-f]+):([0-9a-f]+):(\d+) (\d+) (\d+|EOF)$/gm;

/** Files that a QEMU on this machine has open for writing, as `MAJOR:MINOR:INODE`. Another machine's are not seen. */
export async function writtenByQemu(): Promise<ReadonlySet<string>> {
  const text = await readFile('/proc/locks', 'utf8').catch(() => '');
  const written = new Set<string>();
  for (const [, major, minor, inode, from, to] of text.matchAll(LINE)) {
    const last = to === 'EOF' ? Number.POSITIVE_INFINITY : Number(to);
    if (!WRITING.some((byte) => Number(from) <= byte && byte <= last)) continue;
    written.add(`${Number.parseInt(major!, 16)}:${Number.parseInt(minor!, 16)}:${inode}`);
  }
  return written;
}

/** As Linux takes device numbers apart. */
export function lockName({ dev, ino }: BigIntStats): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  return `${major}:${minor}:${ino}`;
}
