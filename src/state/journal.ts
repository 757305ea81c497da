import type { Clock } from '../host/clock.js';
import { appendDurably } from '../host/durable-file.js';
import { withoutSecrets } from '../host/secret.js';
import { inState } from './state-errors.js';

type Fields = Readonly<Record<string, unknown>>;

/** What happened in a run, one JSON object a line, durable before the next effect begins. Append-only, without secrets. */
export interface Journal {
  /** Throws DiagnosticsError MP3013 when the line cannot be made durable. */
  write(event: string, fields?: Fields): Promise<void>;
}

export function openJournal(path: string, clock: Clock): Journal {
  let last: Promise<void> = Promise.resolve();
  return {
    write(event, fields = {}) {
      const line = withoutSecrets(JSON.stringify({ at: clock.now().toISOString(), event, ...fields }));
      const next = last.then(() => inState(path, () => appendDurably(path, line)));
      last = next.catch(() => undefined);
      return next;
    },
  };
}

/** For what only people read: that it cannot be written is no reason to end work, and whoever writes durably says so. */
export async function noteIn(journal: Journal, event: string, fields?: Fields): Promise<void> {
  await journal.write(event, fields).catch(() => undefined);
}
