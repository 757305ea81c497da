import { open } from 'node:fs/promises';
import { expect } from 'vitest';
import type { DiskReader } from '../../../src/contracts/disk-reader.js';

/** What a reader opens, where plain files stand for devices. */
export function pathOf(reader: DiskReader): string {
  return 'block' in reader && reader.block.driver === 'file' ? reader.block.path : expect.unreachable(JSON.stringify(reader));
}

/** The byte at 4096, written before when asked. */
export async function byte(path: string, write?: string): Promise<string> {
  const file = await open(path, write === undefined ? 'r' : 'r+');
  try {
    if (write !== undefined) await file.write(write, 4096);
    return (await file.read(Buffer.alloc(1), 0, 1, 4096)).buffer.toString('latin1');
  } finally {
    await file.close();
  }
}
