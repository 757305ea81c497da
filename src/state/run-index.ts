import { own } from '../model/own.js';
import type { DocumentEdit, StateDocument } from './backend/state-backend.js';
import { asIdentity, type ProcessIdentity } from './process-identity.js';
import { inState } from './state-errors.js';

/** One apply, as whoever sees the state may know it. Times are ISO 8601 in UTC. Without secrets. */
export interface IndexedRun {
  readonly run: string;
  /** Of the saved plan. */
  readonly plan: string;
  /** Who ran it, and where: on that host is its journal. */
  readonly process: ProcessIdentity;
  /** Of the project, on that host. */
  readonly folder: string;
  readonly migplan: string;
  /** Of the VMs that it was to work on, the first ones. */
  readonly addresses: readonly string[];
  /** VMs besides. */
  readonly more: number;
  readonly startedAt: string;
  /** With `endedAt` only, as in its journal: exit code, and bytes written where that was told. Absent: it goes on, or was killed. */
  readonly endedAt?: string;
  readonly exit?: number;
  readonly bytes?: number;
}

/** A server of Terraform states keeps every version of it. */
export const RUNS_INDEXED_MAX = 200;
export const ADDRESSES_MAX = 10;

/** Those that are known, the last one that was begun first. DiagnosticsError MP3013: it is damaged. What another version wrote otherwise is left out. */
export async function readRunIndex(document: StateDocument): Promise<IndexedRun[]> {
  const text = await document.read();
  const entries = await inState(document.place, async () => entriesIn(text));
  return entries.filter(isIndexedRun);
}

/** Puts the run first, or what is known of it by now in its place; the oldest go. What another version wrote stays as it is. */
export const withRun =
  (run: IndexedRun): DocumentEdit =>
  (text) => {
    const entries = entriesIn(text);
    const at = entries.findIndex((entry) => isTable(entry) && own(entry, 'run') === run.run);
    const runs = at < 0 ? [run, ...entries].slice(0, RUNS_INDEXED_MAX) : entries.with(at, run);
    return JSON.stringify({ runs });
  };

type Table = Readonly<Record<string, unknown>>;

const isTable = (value: unknown): value is Table => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Throws SyntaxError where it is no index. */
function entriesIn(text: string | undefined): readonly unknown[] {
  if (text === undefined) return [];
  const value: unknown = JSON.parse(text);
  const runs = isTable(value) ? own(value, 'runs') : undefined;
  if (!Array.isArray(runs)) throw new SyntaxError('it is not an index of runs');
  return runs;
}

const isTime = (value: unknown): boolean => typeof value === 'string' && Number.isFinite(Date.parse(value));
const isAmount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
/** Fit to be typed. */
const isRunName = (value: unknown): boolean => typeof value === 'string' && /^[a-z0-9]{1,64}$/.test(value);
const isAbsent = (value: unknown): boolean => value === undefined;

function isIndexedRun(value: unknown): value is IndexedRun {
  if (!isTable(value) || asIdentity(own(value, 'process')) === undefined) return false;
  const { addresses, more, startedAt, endedAt, exit, bytes } = value;
  const areTexts = ['plan', 'folder', 'migplan'].every((field) => typeof own(value, field) === 'string');
  const areNamed = Array.isArray(addresses) && addresses.every((one) => typeof one === 'string') && isAmount(more);
  const isEnd = isAbsent(endedAt) ? isAbsent(exit) : isTime(endedAt) && isAmount(exit);
  return (
    isRunName(own(value, 'run')) && areTexts && areNamed && isTime(startedAt) && isEnd && (isAbsent(bytes) || isAmount(bytes))
  );
}
