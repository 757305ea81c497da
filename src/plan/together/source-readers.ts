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
    groups.set(key, [...(groups.get(key) ?? []), { index, planned: one, reading, freed: freedBy(removed, reading) }]);
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
  const taken = readers.map(({ reading, freed }) => without(takes(reading), freed));
  return [...roomIn(readers[0]!.planned.observed.sourceRoom!)].flatMap(([what, left]) => {
    const needed = sumOfLargest(
      taken.map((of) => of.get(what) ?? 0),
      count,
    );
    return needed > left ? [{ what, needed, left }] : [];
  });
}

/** How many of them may be read at the same time; 0: not even one. */
export function countThatFits(readers: readonly Reader[], takes: Takes): number {
  const tooMany = readers.findIndex((_, index) => lackFor(index + 1, readers, takes).length > 0);
  return tooMany === -1 ? readers.length : tooMany;
}

const without = (all: Resources, freed: Resources): Resources =>
  new Map([...all].map(([what, amount]) => [what, Math.max(0, amount - (freed.get(what) ?? 0))]));

const sumOfLargest = (amounts: readonly number[], count: number): number =>
  amounts
    .toSorted((a, b) => b - a)
    .slice(0, count)
    .reduce((sum, amount) => sum + amount, 0);
