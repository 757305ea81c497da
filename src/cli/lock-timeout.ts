import { Flags } from '@oclif/core';
import type { HeldElsewhere } from '../apply/lock-wait.js';
import type { Note } from '../apply/note.js';
import { type Diagnostic, DiagnosticsError } from '../diag/diagnostic.js';
import { interruptible, isInterruption } from '../host/interruption.js';
import { noteText } from '../views/apply/note-text.js';
import { durationMs } from './duration-flag.js';
import { catchInterrupts, exitCodeOf } from './interrupts.js';

/** For commands that other runs are in the way of. */
export const lockTimeoutFlag = {
  'lock-timeout': Flags.string({
    summary: 'How long to wait for runs that work on the same VMs, such as 10m.',
    default: '0s',
    helpValue: 'DURATION',
  }),
};

/** Throws DiagnosticsError MP1018 for what is no duration. */
export const lockTimeoutMs = ({ 'lock-timeout': text }: { readonly 'lock-timeout': string }): number =>
  text === '0' || text === '0s' ? 0 : durationMs('lock-timeout', text);

/** Told while a plan waits. */
export const waitingFor = ({ address }: HeldElsewhere, note: Note): Diagnostic => ({
  severity: 'warning',
  code: 'MP3031',
  address,
  detail: noteText(note),
});

/** Throws DiagnosticsError, with the exit code of the signal, when somebody says stop: nothing is begun while a plan waits. */
export async function untilSaidStop<T>(wait: () => Promise<T>): Promise<T> {
  using interrupts = catchInterrupts(() => undefined);
  try {
    return await interruptible(interrupts.signal, wait);
  } catch (error) {
    if (!isInterruption(error, interrupts.signal)) throw error;
    throw new DiagnosticsError([noLonger], { exit: exitCodeOf(interrupts.received) });
  }
}

const noLonger: Diagnostic = {
  severity: 'error',
  code: 'MP3031',
  detail: 'interrupted while it waited; nothing was changed',
};
