import type { Action, DiskSync } from '../core/action.js';
import { actionTable } from '../core/action-table.js';
import type { FieldRule } from '../core/field-rule.js';
import { diskRules } from '../core/sync-rules.js';
import { type Difference, differences, extraEntries } from './differences.js';

/**
 * What of `fresh` the reviewed actions do not allow, field by field, in words; empty when everything is covered. A plan that
 * was interrupted is planned again from what is there now: what is left must be less of the same, never something new.
 */
export function beyondApproval(approved: readonly Action[], fresh: readonly Action[]): string[] {
  return fresh.flatMap((action) => {
    const { allowedBy: allowed, fields } = actionTable[action.kind];
    if (allowed === 'always') return [];
    const reviewed = approved.filter(({ kind }) => allowed.includes(kind));
    if (action.kind !== 'sync') return beyond({ name: action.kind, left: action, rules: fields }, reviewed);
    const syncs = reviewed.flatMap((candidate) =>
      candidate.kind === 'sync' ? candidate.disks.map((disk) => wholeOf(candidate, disk)) : [],
    );
    return action.disks.flatMap((disk) =>
      beyond({ name: 'sync', left: wholeOf(action, disk), rules: { ...fields, ...diskRules[disk.mode] } }, syncs),
    );
  });
}

/** One disk of a sync with what holds for the whole of it. */
function wholeOf({ disks: _, ...sync }: Extract<Action, { kind: 'sync' }>, disk: DiskSync): object {
  return { ...sync, ...disk };
}

type AnyRule = FieldRule<never, never> | 'each';
type Fields = Readonly<Record<string, unknown>>;

interface Subject {
  readonly name: string;
  readonly left: object;
  readonly rules: Readonly<Record<string, AnyRule>>;
}

/** Compared with the reviewed action that it is, or, of several, with the one that it is most like. */
function beyond(subject: Subject, reviewed: readonly object[]): string[] {
  const { name, left, rules } = subject;
  const identity = Object.keys(rules).filter((field) => rules[field] === 'identity' && field !== 'kind');
  const isSame = (candidate: object) => identity.every((field) => (candidate as Fields)[field] === (left as Fields)[field]);
  const compared = reviewed.filter(isSame).map((candidate) => compare(subject, candidate));
  const [best] = compared.sort((a, b) => a.length - b.length);
  const place = [name, ...identity.flatMap((field) => [field, String((left as Fields)[field])])].join(' ');
  if (best === undefined) return [`${place}: not in the plan`];
  return best.map(({ field, reviewed: before, now }) => `${place}: ${field} ${shown(before)} -> ${shown(now)}`);
}

function compare({ left, rules }: Subject, reviewed: object): Difference[] {
  return Object.entries(rules).flatMap(([field, rule]) => {
    const [now, before] = [(left as Fields)[field], (reviewed as Fields)[field]];
    if (rule === 'identity' || rule === 'each') return [];
    if (rule === 'equal') return differences(field, before, now);
    if (rule === 'fewer') return extraEntries(field, before, now);
    if ('derived' in rule) return [];
    return rule.within(left as never, reviewed as never) ? [] : [{ field, reviewed: before, now }];
  });
}

const shown = (value: unknown): string => (value === undefined ? '(none)' : JSON.stringify(value));
