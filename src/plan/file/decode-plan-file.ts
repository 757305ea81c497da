import { disksOf } from '../core/action-table.js';
import { isWindow } from '../core/window.js';
import { downtimeEstimate } from '../cutover/downtime.js';
import { FORMER_FORMAT, fieldFromLater, inPresentWords, isFormer, withDerived } from './former-format.js';
import {
  canonical,
  derived,
  digestOf,
  encodePlanFile,
  flagsOf,
  formerChanges,
  lifetimeMs,
  PLAN_FORMAT,
  type PlanFile,
  terraformWords,
} from './plan-file.js';
import type { PlannedEntry } from './planned-entry.js';
import { isBlocked, summaryLines } from './summary.js';

export type PlanParseResult =
  | { readonly kind: 'plan'; readonly plan: PlanFile }
  /** Another file altogether. */
  | { readonly kind: 'not-a-plan'; readonly why: string }
  | { readonly kind: 'altered'; readonly why: string }
  /** A plan that says more, less or something else than this version knows. */
  | { readonly kind: 'not-understood'; readonly why: string };

/** What of a value is not as the plan's schema says, in words; undefined when it fits. */
export type Misfit = (value: unknown) => string | undefined;

/**
 * Reads a plan and refuses what was changed or is not understood: the digest must fit; every field must be there and be what
 * its schema says; all that is derived (summary, resource changes, counts, disks, how long it may be applied) must come out
 * the same again, so that nobody reviews a text that says something else than what is applied.
 */
export function decodePlanFile(text: string, misfit: Misfit): PlanParseResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { kind: 'not-a-plan', why: `it is not JSON: ${(error as Error).message}` };
  }
  if (!isLikeAPlan(value)) return { kind: 'not-a-plan', why: 'it has not the fields of a migplan plan' };
  const { format_version: format, digest, ...rest } = value;
  // What an action says has changed between formats: an older plan would be understood wrongly.
  if (typeof format === 'string' && format !== PLAN_FORMAT && format !== FORMER_FORMAT) {
    return { kind: 'not-understood', why: `its format is ${format}, this migplan reads ${PLAN_FORMAT} and ${FORMER_FORMAT}` };
  }
  if (typeof digest !== 'string') return { kind: 'altered', why: 'its digest is missing' };
  const content = { ...(format === undefined ? {} : { format_version: format }), ...rest };
  const again = digestUnlessTooDeep(content);
  if (again === undefined) return { kind: 'not-understood', why: 'it is nested too deeply' };
  if (again !== digest) return { kind: 'altered', why: 'its digest does not fit its content' };
  const later = isFormer(value) ? fieldFromLater(value) : undefined;
  if (later !== undefined) return { kind: 'not-understood', why: `its format is ${FORMER_FORMAT}, which has no "${later}"` };
  const present = isFormer(value) ? inPresentWords(value) : value;
  const wrong = misfit(present);
  if (wrong !== undefined) return { kind: 'not-understood', why: wrong };
  const plan = isFormer(value) ? withDerived(present as unknown as PlanFile) : (present as unknown as PlanFile);
  const why = contradiction(plan);
  if (why !== undefined) return { kind: 'altered', why };
  // JSON may name a key twice: the reviewer reads the first, the program the last.
  if (withoutLineEnds(text) !== withoutLineEnds(encodePlanFile(value as unknown as PlanFile))) {
    return { kind: 'altered', why: 'it is laid out in another way than migplan writes it' };
  }
  return { kind: 'plan', plan };
}

function digestUnlessTooDeep(content: unknown): string | undefined {
  try {
    return digestOf(content);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

type Fields = Readonly<Record<string, unknown>>;

const isLikeAPlan = (value: unknown): value is Fields =>
  typeof value === 'object' &&
  value !== null &&
  ('migrations' in value || 'digest' in value || kindOf(value) === 'MigrationPlan');

const kindOf = (value: object): unknown => (value as { kind?: unknown }).kind;

/** The first thing that a plan of ours would never say; with a digest that fits, only a forger makes one. */
function contradiction(plan: PlanFile): string | undefined {
  const { migrations, inputs } = plan;
  const flags = flagsOf(migrations, inputs.selected);
  const said = { version: plan.tool.migplan_version, createdAt: plan.plan.created_at };
  const again = {
    summary: summaryLines(migrations),
    ...derived(migrations),
    ...terraformWords(flags, said),
    plan: { ...plan.plan, ...flags },
  };
  const says = (name: string, expected: unknown): boolean =>
    canonical(plan[name as keyof PlanFile]) === canonical(JSON.parse(JSON.stringify(expected)));
  const field = Object.entries(again).find(
    ([name, expected]) => !says(name, expected) && !(name === 'resource_changes' && says(name, formerChanges(migrations))),
  )?.[0];
  if (field !== undefined) return `its "${field}" does not say what its actions do`;
  return timesProblem(plan) ?? targetsProblem(plan) ?? namesProblem(migrations) ?? migrations.map(entryProblem).find(Boolean);
}

function timesProblem({ plan }: PlanFile): string | undefined {
  const [created, expires] = [plan.created_at, plan.expires_at].map((time) => Date.parse(time)) as [number, number];
  const isTime = (ms: number, text: string): boolean => Number.isFinite(ms) && new Date(ms).toISOString() === text;
  if (!isTime(created, plan.created_at)) return 'its "created_at" is no time';
  if (!isTime(expires, plan.expires_at)) return 'its "expires_at" is no time';
  return expires > created + lifetimeMs(plan) ? 'its "expires_at" is later than a plan of this kind may be applied' : undefined;
}

function targetsProblem({ targets, plan }: PlanFile): string | undefined {
  if (plan.applyable && targets.length === 0) return 'its "targets" do not say what it is for';
  const names = targets.map(({ provider }) => provider);
  return new Set(names).size === names.length ? undefined : 'its "targets" name a provider twice';
}

function namesProblem(migrations: readonly PlannedEntry[]): string | undefined {
  const wrong = migrations.find(({ address, name }) => address !== `vm/${name}`);
  if (wrong !== undefined) return `its "migrations" call ${wrong.address} "${wrong.name}"`;
  const addresses = migrations.map(({ address }) => address);
  return new Set(addresses).size === addresses.length ? undefined : 'its "migrations" name a VM twice';
}

function entryProblem(entry: PlannedEntry): string | undefined {
  const { address, actions, disks, facts } = entry;
  if (isBlocked(entry) && actions.length > 0) return `${address} is blocked and has actions`;
  const known = Object.keys(facts).flatMap((name) => /^disk\/(\d+)\.uuid$/.exec(name)?.[1] ?? []);
  if (known.sort().join() !== disks.map(String).sort().join()) return `the "disks" of ${address} are not those of its facts`;
  if (entry.window !== undefined && !isWindow(entry.window)) return `the "window" of ${address} says no time`;
  if (downtimeForged(entry)) return `the "downtime" of ${address} is not that of its actions`;
  const unknown = actions.flatMap(disksOf).find((disk) => !disks.includes(disk));
  return unknown === undefined ? undefined : `${address} has an action on disk ${unknown}, which it does not name`;
}

/** How long the last delta took is nowhere else in a plan; the rest comes from the actions. */
function downtimeForged({ actions, downtime }: PlannedEntry): boolean {
  const again = downtimeEstimate(actions, { deltaHistory: {} }, 1);
  const { lastDeltaSeconds, ...told } = downtime ?? {};
  return canonical(told) !== canonical(again ?? {}) || (lastDeltaSeconds !== undefined && again?.copy !== 'delta');
}

/** Git may change line ends, an editor the last one. */
const withoutLineEnds = (text: string): string => text.replaceAll('\r\n', '\n').trimEnd();
