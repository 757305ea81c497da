/** What a process exit means, for people and for CI. The one table; README and docs are generated from it. */
export const exitCodes = {
  ok: 0,
  error: 1,
  changes: 2,
  unformatted: 3,
  planRefused: 4,
  lockHeld: 5,
  incomplete: 6,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitName = keyof typeof exitCodes;

export const exitMeanings: Readonly<Record<ExitName, string>> = {
  ok: 'done, or nothing to do',
  error: 'an error; usage errors too',
  changes: '--detailed-exitcode of plan: there is something to do, or a VM is blocked; of diff and drift: something differs',
  unformatted: '`fmt --check`: a file would be laid out anew',
  planRefused: 'the saved plan was refused and nothing was changed: make a new plan',
  lockHeld: 'another run works on all that is left: try again when it has ended',
  incomplete:
    'some work is not done: run the same plan again, in its window where that is closed; what is blocked or refused needs a new one',
  hungUp: 'stopped at a checkpoint because the terminal went away (SIGHUP): run the same plan again',
  interrupted: 'stopped by Ctrl-C, an apply at a checkpoint: run the same plan again',
  terminated: 'stopped by SIGTERM at a checkpoint: run the same plan again',
};

/**
 * Which commands can end with it, as they are typed. Any other command that a signal ends is ended by it at once, which a shell tells
 * with the same number.
 */
export const exitCommands: Readonly<Record<ExitName, 'every' | readonly string[]>> = {
  ok: 'every',
  error: 'every',
  changes: ['diff', 'drift', 'plan'],
  unformatted: ['fmt'],
  planRefused: ['apply', 'approve', 'diff', 'graph', 'report', 'show', 'sign', 'verify'],
  lockHeld: ['apply', 'doctor', 'refresh', 'state push', 'state rm'],
  incomplete: ['apply'],
  hungUp: ['apply', 'doctor', 'export', 'plan'],
  interrupted: ['apply', 'doctor', 'export', 'init', 'plan'],
  terminated: ['apply', 'doctor', 'export', 'plan'],
};
