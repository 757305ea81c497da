import { pushTo } from '../../model/grouped.js';
import { needsPrograms } from '../core/action-table.js';
import { type Resources, roomIn } from './resources.js';
import type { SourcePlanned } from './source-room.js';
import { freedBy, type Reading, type Takes } from './source-takes.js';

/** A VM of an old cloud that will be read. */
export interface Reader {
  /** Its place in the plan. */
  readonly index: number;
  readonly planned: SourcePlanned;
  readonly reading: Reading;
  /** What its own plan gives back before it takes anything: what a dead run left. */
  readonly freed: Resources;
}

/** Those that are read in one project, by whatever names it is called; in the order of the plan. */
export function readersByProject(planned: readonly SourcePlanned[], transfers: number): readonly (readonly Reader[])[] {
  const groups = new Map<string, Reader[]>();
  for (const [index, one] of planned.entries()) {
    const { source, sourceRoom } = one.observed;
    if (sourceRoom === undefined || source.kind !== 'found' || !isRead(one)) continue;
    const reading = { vm: source.vm, isByClone: sourceRoom.host !== undefined, transfers };
    const removed = one.plan.actions.filter(({ kind }) => kind === 'release-snapshot').length;
    const key = sourceRoom.project ?? one.desired.source.provider;
    pushTo(groups, key, { index, planned: one, reading, freed: freedBy(removed, reading) });
  }
  return [...groups.values()];
}

const isRead = ({ plan }: SourcePlanned): boolean => plan.actions.some((action) => needsPrograms(action, 'transfer'));

/** `what`: as Resources names it. */
export interface Lack {
  readonly what: string;
  readonly needed: number;
  readonly left: number;
}

/**
 * What is too little for so many of them at the same time. Which of them meet is not known before: those that take most may, and
 * what the others will give back is not there yet.
 */
export function lackFor(count: number, readers: readonly Reader[], takes: Takes): readonly Lack[] {
  return demands(readers, takes).flatMap(({ what, left, amounts }) => {
    const needed = amounts.slice(0, count).reduce((sum, amount) => sum + amount, 0);
    return needed > left ? [{ what, needed, left }] : [];
  });
}

/** How many of them may be read at the same time; 0: not even one. */
export const countThatFits = (readers: readonly Reader[], takes: Takes): number =>
  Math.min(readers.length, ...demands(readers, takes).map(fitting));

interface Demand {
  readonly what: string;
  readonly left: number;
  /** Of each reader, the largest first. */
  readonly amounts: Float64Array;
}

/** Of all that there is a limit for. */
function demands(readers: readonly Reader[], takes: Takes): Demand[] {
  const taken = readers.map(({ reading, freed }) => without(takes(reading), freed));
  return [...roomIn(readers[0]!.planned.observed.sourceRoom!)].map(([what, left]) => {
    const amounts = Float64Array.from(taken, (of) => of.get(what) ?? 0);
    return { what, left, amounts: amounts.sort().reverse() };
  });
}

/** Nobody takes less than nothing: where so many are too many, more of them are, too. */
function fitting({ left, amounts }: Demand): number {
  let sum = 0;
  const tooMany = amounts.findIndex((amount) => {
    sum += amount;
    return sum > left;
  });
  return tooMany === -1 ? amounts.length : tooMany;
}

const without = (all: Resources, freed: Resources): Resources =>
  new Map([...all].map(([what, amount]) => [what, Math.max(0, amount - (freed.get(what) ?? 0))]));
