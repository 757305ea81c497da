import { rm } from 'node:fs/promises';
import { systemClock } from '../../host/clock.js';
import { writeDurably } from '../../host/durable-file.js';
import { readIfThere } from '../../host/files.js';
import { drawFrom, newSeed } from '../../host/random.js';
import { type HeldLock, LockHeldError } from '../lock.js';
import { inState } from '../state-errors.js';
import { takeLock } from './file-lock.js';
import type { DocumentEdit, StateDocument } from './state-backend.js';

/** One file. What the file system refuses is DiagnosticsError MP3013; LockHeldError where somebody else edits it for half a minute. */
export const fileDocument = (path: string): StateDocument => ({
  place: path,
  read: () => inState(path, () => readIfThere(path)),
  write: (text) => inState(path, () => writeDurably(path, text)),
  edit: (change) => inState(path, () => editAlone(path, change)),
  requireLock: () => Promise.resolve(),
  remove: () => inState(path, () => rm(path, { force: true })),
});

const EDIT_MS_MAX = 30_000;
const PAUSE_MS_MAX = 50;

/** Beside the lock that says who works on what the document is about. */
async function editAlone(path: string, change: DocumentEdit): Promise<void> {
  await using _held = await takeSoon(`${path}.editing`);
  await writeDurably(path, change(await readIfThere(path)));
}

async function takeSoon(lock: string): Promise<HeldLock> {
  const draw = drawFrom(newSeed());
  const untilMs = systemClock.monotonicMs() + EDIT_MS_MAX;
  for (;;) {
    try {
      return await takeLock(lock, 'edit', systemClock.now());
    } catch (error) {
      if (!(error instanceof LockHeldError) || systemClock.monotonicMs() >= untilMs) throw error;
      await systemClock.sleep(draw(PAUSE_MS_MAX));
    }
  }
}
