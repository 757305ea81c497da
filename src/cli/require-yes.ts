import { DiagnosticsError } from '../diag/diagnostic.js';
import { printable } from '../diag/printable.js';

export interface Asking {
  /** An option said yes already. */
  readonly isSaid: boolean;
  /** Absent where nobody can be asked. The answer is undefined when the input ends or Ctrl-C is pressed. */
  readonly ask?: (question: string) => Promise<string | undefined>;
}

/** Throws DiagnosticsError unless somebody said yes: MP3010 where nobody can be asked, MP3012 where it was no. */
export async function requireYes(question: string, { isSaid, ask }: Asking): Promise<void> {
  if (isSaid) return;
  if (ask === undefined)
    throw refused('MP3010', 'this needs a yes, and there is no terminal to ask at', [
      'make sure that it is right, and pass --force',
    ]);
  const answer = await ask(`${printable(question)}\n  Only "yes" will be accepted.\n\n  Enter a value: `);
  if (answer?.trim() !== 'yes') throw refused('MP3012', 'not approved; nothing was changed', []);
}

const refused = (code: 'MP3010' | 'MP3012', detail: string, nextSteps: readonly string[]): DiagnosticsError =>
  new DiagnosticsError([{ severity: 'error', code, detail, ...(nextSteps.length > 0 && { nextSteps }) }]);
