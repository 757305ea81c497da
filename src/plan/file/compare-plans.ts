import { diff } from 'json-diff';
import type { DiskSync } from '../core/action.js';
import type { PlanFile } from './plan-file.js';
import type { PlannedEntry } from './planned-entry.js';

/** One value that is not the same in two plans; undefined: it is not there. `field` is a dotted path, such as `actions.1.verify.blocks`. */
export interface PlanDifference {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What became of one VM from one plan to the other. */
export interface VmDifference {
  readonly address: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Of a VM that is in both. */
  readonly differences: readonly PlanDifference[];
}

export interface PlanComparison {
  readonly vms: readonly VmDifference[];
  /** Of the plans as a whole: for which clouds, of which selection, notes. */
  readonly common: readonly PlanDifference[];
  /** VMs that are the same in both. */
  readonly same: number;
}

/** Everything that differs but what always does (id, times, digests), by VM. Pure. */
export function comparePlans(before: PlanFile, after: PlanFile): PlanComparison {
  const [old, now] = [before, after].map(({ migrations }) => new Map(migrations.map((entry) => [entry.address, entry])));
  const addresses = [...new Set([...old!.keys(), ...now!.keys()])].sort();
  const vms = addresses.flatMap((address) => vmDifference(address, old!.get(address), now!.get(address)));
  return { vms, common: leaves('', diff(commonOf(before), commonOf(after))), same: addresses.length - vms.length };
}

const commonOf = ({ targets, inputs, notes = [], tool }: PlanFile) => ({
  targets,
  selected: inputs.selected,
  settings: inputs.settings,
  notes,
  tool,
});

function vmDifference(address: string, before: PlannedEntry | undefined, after: PlannedEntry | undefined): VmDifference[] {
  if (before === undefined) return [{ address, kind: 'added', differences: [] }];
  if (after === undefined) return [{ address, kind: 'removed', differences: [] }];
  const differences = leaves('', diff(comparable(before), comparable(after)));
  return differences.length === 0 ? [] : [{ address, kind: 'changed', differences }];
}

/** Places in files move with every line above them, and what is expected of a delta with every second. */
const comparable = ({ diagnostics, actions, ...entry }: PlannedEntry) =>
  JSON.parse(
    JSON.stringify({
      ...entry,
      actions: actions.map((action) =>
        action.kind === 'sync' ? { ...action, disks: action.disks.map(withoutEstimate) } : action,
      ),
      diagnostics: diagnostics.map(({ source: _, related: __, ...rest }) => rest),
    }),
  ) as object;

const withoutEstimate = ({ forecast, ...disk }: DiskSync) =>
  forecast.confidence === 'estimate' ? { ...disk, forecast: { confidence: forecast.confidence } } : { ...disk, forecast };

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/** json-diff's tree as a list: `{__old, __new}`, `KEY__added`, `KEY__deleted`, and of lists `[' ' | '~' | '+' | '-', VALUE]`. */
function leaves(field: string, node: unknown): PlanDifference[] {
  if (Array.isArray(node)) return listLeaves(field, node as readonly (readonly [string, unknown?])[]);
  if (!isNode(node)) return [];
  if ('__old' in node) return [{ field, before: node['__old'], after: node['__new'] }];
  return Object.entries(node).flatMap(([key, value]) => {
    const path = (name: string): string => (field === '' ? name : `${field}.${name}`);
    if (key.endsWith('__added')) return [{ field: path(key.slice(0, -'__added'.length)), before: undefined, after: value }];
    if (key.endsWith('__deleted')) return [{ field: path(key.slice(0, -'__deleted'.length)), before: value, after: undefined }];
    return leaves(path(key), value);
  });
}

/** Counted as the list is afterwards. */
function listLeaves(field: string, rows: readonly (readonly [string, unknown?])[]): PlanDifference[] {
  let index = 0;
  return rows.flatMap(([what, value]) => {
    const place = `${field}.${index}`;
    if (what === '-') return [{ field: place, before: value, after: undefined }];
    index++;
    if (what === '+') return [{ field: place, before: undefined, after: value }];
    return what === '~' ? leaves(place, value) : [];
  });
}

export const isSame = ({ vms, common }: PlanComparison): boolean => vms.length === 0 && common.length === 0;
