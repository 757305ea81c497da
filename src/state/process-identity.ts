import { hostname } from 'node:os';
import { pidNamespace, startTicks } from '../host/process-start.js';
import { bootId, machineId } from '../host/process-tag.js';
import { currentUser } from './current-user.js';

/** A process among all there are; stands in locks and journals, for people and for whoever asks whether it lives. */
export interface ProcessIdentity {
  /** `user@host`. */
  readonly who: string;
  readonly host: string;
  readonly pid: number;
  /** Start time of the process in clock ticks since boot: a pid that was given to another process does not count. */
  readonly startedTicks: string;
  /** Where the pid counts: another container on a host of the same name numbers its processes on its own. */
  readonly pidNamespace: string;
  /** Which start of which kernel: hosts of one name, such as containers and copies of a machine, are not the same. */
  readonly boot?: string;
  readonly machine?: string;
}

/**
 * elsewhere: of another machine or container, into which nobody can look. restarted: of this machine before it was started again, and so
 * dead; or of another one that was made from the same image, with its name and its machine-id.
 */
export type Liveness = 'alive' | 'dead' | 'restarted' | 'elsewhere';

/** This process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  return {
    who: currentUser(),
    host: hostname(),
    pid: process.pid,
    startedTicks: (await startTicks(process.pid)) ?? '',
    pidNamespace: await ownNamespace(),
    boot: await bootId(),
    machine: await machineId(),
  };
}

const TEXTS = ['who', 'host', 'startedTicks', 'pidNamespace'] as const;
const PLACES = ['boot', 'machine'] as const;

/** undefined for what no run of migplan wrote. */
export function asIdentity(value: unknown): ProcessIdentity | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const areTexts = TEXTS.every((key) => typeof fields[key] === 'string');
  const arePlaces = PLACES.every((key) => fields[key] === undefined || typeof fields[key] === 'string');
  return areTexts && arePlaces && Number.isInteger(fields['pid']) ? (value as ProcessIdentity) : undefined;
}

/** What can be known from here of whether the process still runs. */
export async function livenessOf(process: ProcessIdentity): Promise<Liveness> {
  if (process.host !== hostname() || process.startedTicks === '') return 'elsewhere';
  const boot = await bootId();
  // The machine was started again since: nothing of then is left on it.
  if (boot !== '' && process.boot !== undefined && process.boot !== boot)
    return process.machine === '' || process.machine !== (await machineId()) ? 'elsewhere' : 'restarted';
  if (process.pidNamespace !== (await ownNamespace())) return 'elsewhere';
  return (await startTicks(process.pid)) === process.startedTicks ? 'alive' : 'dead';
}

/** '' where the system does not tell. */
const ownNamespace = (): Promise<string> => pidNamespace().catch(() => '');
