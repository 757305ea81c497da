import { formatBytes, plural } from '../../model/format.js';
import { copiesOf, isIrreversible, powersOff } from '../core/action-table.js';
import type { PlannedEntry } from './planned-entry.js';
import { resourceChanges } from './resource-changes.js';

export interface PlanCounts {
  readonly create: number;
  readonly update: number;
  readonly delete: number;
  readonly noop: number;
  /** VMs. */
  readonly blocked: number;
}

export function countChanges(entries: readonly PlannedEntry[]): PlanCounts {
  const changes = entries.filter(isPlanned).flatMap(resourceChanges);
  const count = (word: string) => changes.filter(({ change }) => change.actions[0] === word).length;
  return {
    create: count('create'),
    update: count('update'),
    delete: 0,
    noop: count('no-op'),
    blocked: entries.filter(isBlocked).length,
  };
}

export const isBlocked = ({ diagnostics }: PlannedEntry): boolean => diagnostics.some(({ severity }) => severity === 'error');

/** Nothing is done to it, and nothing stands in its way. */
export const isQuiet = (entry: PlannedEntry): boolean => entry.actions.length === 0 && !isBlocked(entry);

const isPlanned = (entry: PlannedEntry): boolean => !isBlocked(entry);

/** The closing lines of a plan. The first is worded as Terraform words it: other tools look for it. */
export function summaryLines(entries: readonly PlannedEntry[]): string[] {
  const { create, update, noop, blocked } = countChanges(entries);
  const counts = `Plan: ${create} to add, ${update} to change, 0 to destroy.`;
  const rest = [blocked > 0 ? `${blocked} blocked` : '', noop > 0 ? `${noop} unchanged` : ''].filter((part) => part !== '');
  return [
    rest.length === 0 ? counts : `${counts} ${rest.join(', ')}.`,
    ...transferLine(entries),
    ...cutoverLine(entries),
    ...blockedLine(entries),
  ];
}

function transferLine(entries: readonly PlannedEntry[]): string[] {
  const text = transferText(entries);
  return text === undefined ? [] : [`Transfer: ${text}.`];
}

/** How much is copied, compared and read; undefined: nothing. */
export function transferText(entries: readonly PlannedEntry[]): string | undefined {
  const disks = entries.flatMap(({ actions }) => actions.flatMap(copiesOf));
  const isRepair = (disk: (typeof disks)[number]): boolean => disk.mode === 'full' && disk.repair === true;
  const full = disks.filter((disk) => disk.mode === 'full' && !isRepair(disk));
  const repair = disks.filter(isRepair);
  const delta = disks.filter((disk) => disk.mode === 'delta' && disk.since !== 'live-sync');
  const sum = (of: typeof disks) => of.reduce((total, { forecast }) => total + ('bytes' in forecast ? forecast.bytes : 0), 0);
  const unknown = delta.filter(({ forecast }) => forecast.confidence === 'unknown').length;
  const parts = [
    full.length === 0 ? '' : `full seed up to ${formatBytes(sum(full))} (${plural(full.length, 'disk')})`,
    repair.length === 0
      ? ''
      : `comparison of up to ${formatBytes(sum(repair))} (${plural(repair.length, 'disk')}, differences are written)`,
    delta.length === 0 ? '' : `delta ${deltaText(sum(delta), delta.length, unknown)}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? undefined : parts.join(', ');
}

function deltaText(bytes: number, count: number, unknown: number): string {
  if (unknown === count) return `of unknown size (${plural(count, 'disk')})`;
  const rest = unknown === 0 ? '' : `, ${unknown} of unknown size`;
  return `about ${formatBytes(bytes)} (${plural(count, 'disk')}${rest})`;
}

function cutoverLine(entries: readonly PlannedEntry[]): string[] {
  const down = entries.filter(({ actions }) => actions.some(powersOff)).map(({ name }) => name);
  const steps = entries.flatMap(({ actions }) => actions.filter(isIrreversible)).length;
  if (steps === 0) return [];
  const downtime = down.length === 0 ? '' : `Downtime: ${plural(down.length, 'VM')} (${down.join(', ')}). `;
  return [`${downtime}Cannot be undone: ${plural(steps, 'step')}.`];
}

const BLOCKED_NAMED_MAX = 10;

function blockedLine(entries: readonly PlannedEntry[]): string[] {
  const names = entries.filter(isBlocked).map(({ name }) => name);
  if (names.length === 0) return [];
  const more = names.length > BLOCKED_NAMED_MAX ? ` and ${names.length - BLOCKED_NAMED_MAX} more` : '';
  return [
    `Blocked: ${plural(names.length, 'VM')} (${names.slice(0, BLOCKED_NAMED_MAX).join(', ')}${more}). Apply leaves out what is blocked, and ends with exit code 6.`,
  ];
}
