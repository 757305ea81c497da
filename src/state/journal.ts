import type { Clock } from '../host/clock.js';
import { appendDurably } from '../host/durable-file.js';
import { inState } from './state-errors.js';

/** What happened in a run, one JSON object a line, durable before the next effect begins. Append-only. */
export interface Journal {
  write(event: string, fields?: Readonly<Record<string, unknown>>): Promise<void>;
}

export function openJournal(path: string, clock: Clock): Journal {
  let last: Promise<void> = Promise.resolve();
  return {
    write(event, fields = {}) {
      const line = JSON.stringify({ at: clock.now().toISOString(), event, ...fields });
      const next = last.then(() => inState(path, () => appendDurably(path, line)));
      last = next.catch(() => undefined);
      return next;
    },
  };
}
