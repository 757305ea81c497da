import { rm } from 'node:fs/promises';
import { writeDurably } from '../../host/durable-file.js';
import { readIfThere } from '../../host/files.js';
import { inState } from '../state-errors.js';
import type { StateDocument } from './state-backend.js';

/** One file. What the file system refuses is DiagnosticsError MP3013. */
export const fileDocument = (path: string): StateDocument => ({
  place: path,
  read: () => inState(path, () => readIfThere(path)),
  write: (text) => inState(path, () => writeDurably(path, text)),
  requireLock: () => Promise.resolve(),
  remove: () => inState(path, () => rm(path, { force: true })),
});
