import type { Clock } from '../host/clock.js';
import { type Journal, noteIn } from '../state/journal.js';
import type { ApplyEvent } from './handler.js';
import type { Note } from './note.js';

/** How often the progress of a disk is noted, and how often once it has been copied for long. */
const NOTE_EVERY_MS = 10_000;
const NOTE_EVERY_LATER_MS = 60_000;
const LATER_AFTER_MS = 300_000;

/**
 * Which of the things told while applying the journal keeps, besides what handlers write themselves: nothing waits for it. Notes are
 * kept in words, which whoever reads a journal years later understands.
 */
export function journalEvents(journal: Journal, clock: Clock, wordsOf: (note: Note) => string): (event: ApplyEvent) => void {
  const copies = new Map<string, { readonly sinceMs: number; notedMs: number }>();
  const isDue = (key: string): boolean => {
    const nowMs = clock.monotonicMs();
    const copy = copies.get(key);
    if (copy === undefined) copies.set(key, { sinceMs: nowMs, notedMs: nowMs });
    if (copy === undefined) return true;
    const every = nowMs - copy.sinceMs > LATER_AFTER_MS ? NOTE_EVERY_LATER_MS : NOTE_EVERY_MS;
    if (nowMs - copy.notedMs < every) return false;
    copy.notedMs = nowMs;
    return true;
  };
  return ({ type, ...fields }) => {
    switch (type) {
      case 'progress': {
        const { address, disk } = fields as Extract<ApplyEvent, { type: 'progress' }>;
        if (isDue(`${address}/${disk}`)) void noteIn(journal, 'progress', fields);
        return;
      }
      case 'disk-synced': {
        const { address, disk } = fields as Extract<ApplyEvent, { type: 'disk-synced' }>;
        copies.delete(`${address}/${disk}`);
        return;
      }
      case 'conversion-stage':
        void noteIn(journal, type, fields);
        return;
      case 'note': {
        const { address, note } = fields as Extract<ApplyEvent, { type: 'note' }>;
        void noteIn(journal, type, { address, text: wordsOf(note) });
        return;
      }
      case 'transfer-known':
      case 'action-start':
      case 'action-done':
    }
  };
}
