import { plural } from '../../model/format.js';
import { PARALLELISM_DEFAULT } from '../../model/parallelism.js';
import type { Blocker } from '../core/blocker.js';
import { blockerDiagnostic } from '../core/plan-context.js';
import type { MigrationPlan } from '../plan-migration.js';
import { blocked } from './quota.js';
import { countThatFits, type Lack, lackFor, type Reader, readersByProject } from './source-readers.js';
import type { SourcePlanned } from './source-room.js';
import { readingTakes, snapshotsTakeToo, type Takes } from './source-takes.js';

export interface AtOnce {
  /** VMs that are worked on at the same time. */
  readonly parallelism: number;
  /** true: an apply was told so. A plan only warns: whoever applies it may choose. */
  readonly isChosen: boolean;
  /** Disks of one VM that are copied at the same time. */
  readonly transfers: number;
}

/** What a plan goes by; `parallelism` is that of an apply without --parallelism, where none is known. */
export const atOnceOf = ({ transfers }: Pick<AtOnce, 'transfers'>, parallelism: number = PARALLELISM_DEFAULT): AtOnce => ({
  parallelism,
  isChosen: false,
  transfers,
});

/** VMs that are read in one old project at the same time take its room together. It is told at the last of them. */
export function heedRoomForSeveral(planned: readonly SourcePlanned[], atOnce: AtOnce): MigrationPlan[] {
  const plans = planned.map(({ plan }) => plan);
  for (const readers of readersByProject(planned, atOnce.transfers)) {
    const { index, planned: last } = readers.at(-1)!;
    plans[index] = judged(last, readers, atOnce);
  }
  return plans;
}

function judged({ desired, plan }: SourcePlanned, readers: readonly Reader[], atOnce: AtOnce): MigrationPlan {
  const short = shortage(readers, atOnce);
  if (short === undefined) return plan;
  const blocker = blockerOf(readers, { ...short, atOnce });
  if (short.takes === readingTakes && atOnce.isChosen) return blocked(desired, plan, blocker);
  const warning = { ...blockerDiagnostic(desired, desired.address, blocker), severity: 'warning' as const };
  return { ...plan, diagnostics: [...plan.diagnostics, warning] };
}

interface Shortage {
  /** Counted in this way; snapshotsTakeToo: clouds may be told not to, and do not say so. */
  readonly takes: Takes;
  readonly lacks: readonly Lack[];
  /** How many VMs may be read at the same time. */
  readonly fit: number;
}

/** What stands in the way of a single VM is told of that one, and is no matter of how many there are. */
function shortage(readers: readonly Reader[], { parallelism }: AtOnce): Shortage | undefined {
  for (const takes of [readingTakes, snapshotsTakeToo]) {
    const fit = countThatFits(readers, takes);
    const count = Math.min(parallelism, readers.length);
    if (fit > 0 && fit < count) return { takes, fit, lacks: lackFor(count, readers, takes) };
  }
  return undefined;
}

interface Telling extends Shortage {
  readonly atOnce: AtOnce;
}

function blockerOf(readers: readonly Reader[], { takes, lacks, fit, atOnce }: Telling): Blocker {
  const { provider } = readers[0]!.planned.desired.source;
  const count = Math.min(atOnce.parallelism, readers.length);
  const ways = readers.some(({ reading }) => reading.isByClone) ? 'snapshots and volumes made of them' : 'snapshots';
  const why = lacks.map(({ what, needed, left }) => `${needed} ${what} are needed and the quota leaves ${left}`);
  return {
    code: 'MP2019',
    detail: `${provider}: ${readers.length} VMs are read there from ${ways}, ${count} at a time: ${why.join('; ')}`,
    nextSteps: [
      `work on fewer VMs at a time: migplan apply --parallelism ${fit}`,
      'or have the quota of the old project raised, or delete there what is not needed',
      ...(fewerDisksFit(readers, { takes, count }) ? ['or copy fewer disks at a time: limits.transfers in the Project'] : []),
      ...(takes === readingTakes ? [] : ['a cloud with no_snapshot_gb_quota does not count snapshots: then there is room']),
    ],
    field: 'spec.source',
  };
}

function fewerDisksFit(readers: readonly Reader[], { takes, count }: { readonly takes: Takes; readonly count: number }): boolean {
  const oneByOne = readers.map((reader) => ({ ...reader, reading: { ...reader.reading, transfers: 1 } }));
  return countThatFits(oneByOne, takes) >= count;
}

/** Sentences about old projects that have room for as many VMs at a time as an apply takes by itself, and not for all of the plan. */
export function sourceRoomNotes(planned: readonly SourcePlanned[], { parallelism, transfers }: AtOnce): string[] {
  return readersByProject(planned, transfers).flatMap((readers) => {
    const fit = countThatFits(readers, snapshotsTakeToo);
    if (fit < parallelism || fit >= readers.length) return [];
    const { provider } = readers[0]!.planned.desired.source;
    return [
      `${provider} has room to read ${plural(fit, 'VM')} at a time, of ${readers.length}: apply with --parallelism ${fit} at most.`,
    ];
  });
}
