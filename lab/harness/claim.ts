/** What the record of a volume says, as far as somebody needs it who wants to know whether it is true. */
export interface ClaimedState {
  readonly state: string;
  /** '' for a copy of a disk that is not tracked. */
  readonly changeId: string;
  readonly capacity: number;
  readonly diskKey: number;
  /** Lower case hex digits. */
  readonly diskUuid: string;
  readonly run: string;
  readonly cycle: number;
}

/** The key that holds the whole record. */
export const RECORD_KEY = 'migplan';
const STATES: readonly string[] = ['dirty', 'clean', 'committing', 'converted'];

export const plainUuid = (text: string): string => text.toLowerCase().replace(/[^0-9a-f]/g, '');

/**
 * Reads a record without the code that wrote it: who shares the reader shares its mistakes. undefined: no record. Throws on one
 * that it does not understand: a watcher that skips what it cannot read sleeps.
 */
export function claimedState(metadata: Readonly<Record<string, string>>): ClaimedState | undefined {
  const text = metadata[RECORD_KEY];
  if (text === undefined) return undefined;
  const fields = new Map(text.split(' ').map((field) => field.split(/=(.*)/s, 2) as [string, string]));
  const field = (name: string): string => {
    const value = fields.get(name);
    if (value === undefined) throw new Error(`the oracle does not understand the record "${text}": it has no ${name}`);
    return value;
  };
  const state = field('s');
  if (!STATES.includes(state)) throw new Error(`the oracle does not understand the record "${text}": state ${state}`);
  return {
    state,
    changeId: metadata['changeID'] ?? '',
    capacity: Number(field('c')),
    diskKey: Number(field('k')),
    diskUuid: plainUuid(field('d')),
    run: field('r'),
    cycle: Number(field('n')),
  };
}
