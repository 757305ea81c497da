import { asFormer, asHolder, type Former, type LockHolder } from '../lock.js';
import { keyOf, type StateName } from './http-names.js';
import { damaged } from './http-refusal.js';

/**
 * What stands in one state of a server. No key at the top is `ID`, `id`, `name` or `file`: GitLab before 18.5 takes those for parameters
 * of the request. It wants a whole number as `serial`, gives readers the highest, and refuses one that is there already.
 */
export interface Envelope extends Content {
  readonly serial: number;
  /** Of this state, since it was begun. */
  readonly lineage: string;
}

export interface Content {
  /** Who has the lock, as far as a run of migplan told: GitLab tells others no more than its id. */
  readonly holder?: LockHolder | undefined;
  /** Whose end nobody has seen, of those who had the lock before. */
  readonly former?: Former | undefined;
  /** Absent: there is a lock, or there was a document. */
  readonly document?: object | undefined;
}

/** Of a lock that nobody has any more: who is said to hold it did not give it back. */
export const formerOf = (found: Envelope | undefined): Former | undefined => found?.former ?? found?.holder;

const VERSION = 1;

export const encode = ({ kind, of }: StateName, { serial, lineage, ...content }: Envelope): string => {
  const { holder, former, document } = content;
  return JSON.stringify({ version: VERSION, serial, lineage, migplan: { kind, of }, holder, former, document });
};

/** DiagnosticsError MP3013 for all that is not this state. */
export function decode(state: StateName, text: string, place: string): Envelope {
  const value = parsed(text);
  const { version, serial, lineage, migplan, holder, former, document } = tableOf(value);
  if (value === undefined) throw damaged(place, 'holds no JSON, or not all of it');
  const { kind, of } = tableOf(migplan);
  if (typeof kind !== 'string') throw damaged(place, 'holds something else than a state of migplan');
  if (version !== VERSION) throw damaged(place, 'was written by another version of migplan');
  if (kind !== state.kind || of !== state.of) throw damaged(place, `is not the state of ${keyOf(state)}`);
  const isWhole = Number.isSafeInteger(serial) && typeof lineage === 'string' && lineage !== '';
  if (!isWhole || !isTableOrAbsent(document)) throw damaged(place, 'holds a state of migplan that is damaged');
  const known = asHolder(holder);
  return {
    ...{ serial: serial as number, lineage, document },
    holder: known,
    former: asFormer(former) ?? (known === undefined ? asFormer(holder) : undefined),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const isTable = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

const isTableOrAbsent = (value: unknown): value is object | undefined => value === undefined || isTable(value);

interface Fields {
  readonly version?: unknown;
  readonly serial?: unknown;
  readonly lineage?: unknown;
  readonly migplan?: unknown;
  readonly holder?: unknown;
  readonly former?: unknown;
  readonly document?: unknown;
  readonly kind?: unknown;
  readonly of?: unknown;
}

const tableOf = (value: unknown): Fields => (isTable(value) ? value : {});
