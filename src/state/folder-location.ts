import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { writeDurably } from '../host/durable-file.js';
import { readIfThere } from '../host/files.js';
import { machineId } from '../host/process-tag.js';

/** Removing it says: the runs that this folder speaks of are ours, wherever it comes from. */
export const locationFile = (root: string): string => join(root, 'place.json');

/** Machine and folder. A copy is another folder, on whatever machine; a renamed folder, or a machine started again, is not. */
async function locationOf(root: string): Promise<string> {
  const { ino } = await stat(root, { bigint: true });
  return `${(await machineId()) || hostname()}/${ino}`;
}

/**
 * Whether what the folder says was written in another place: it was copied, restored from a cache, or is shared with another
 * machine. Then it proves nothing about whether a run is alive. A folder that names no place is taken for ours.
 */
export async function isCopied(root: string): Promise<boolean> {
  const text = await readIfThere(locationFile(root));
  if (text === undefined) return false;
  const written: unknown = JSON.parse(text);
  const place = typeof written === 'object' && written !== null && 'place' in written ? written.place : undefined;
  return place !== (await locationOf(root));
}

export const writeLocation = async (root: string): Promise<void> =>
  writeDurably(locationFile(root), `${JSON.stringify({ place: await locationOf(root) })}\n`);
