import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Diagnostic } from '../diag/diagnostic.js';
import { isIrreversible } from './action.js';
import type { PlannedEntry } from './planned-entry.js';
import { type ResourceChange, resourceChanges } from './resource-changes.js';
import { countChanges, type PlanCounts, summaryLines } from './summary.js';

export const PLAN_FORMAT = '1.0';
const HOUR_MS = 3_600_000;
const EXPIRES_AFTER_MS = 72 * HOUR_MS;
const CUTOVER_EXPIRES_AFTER_MS = 12 * HOUR_MS;

export interface PlanTarget {
  readonly provider: string;
  readonly kind: 'vmware' | 'openstack';
  readonly endpoint: string;
  readonly id: string;
  readonly region?: string;
}

/** What a plan is made from, besides its entries. */
export interface PlanHeader {
  readonly id: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly version: string;
  readonly configDigest: string;
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
  readonly targets: readonly PlanTarget[];
  /** --target patterns; empty for the whole project. */
  readonly selected: readonly string[];
}

/** The saved plan. Data only, no secrets; `digest` covers everything else in canonical form (RFC 8785). */
export interface PlanFile {
  readonly format_version: string;
  readonly kind: 'MigrationPlan';
  readonly summary: readonly string[];
  readonly plan: {
    readonly id: string;
    readonly created_at: string;
    readonly expires_at: string;
    readonly created_by: string;
    readonly complete: boolean;
    readonly applyable: boolean;
    readonly irreversible: boolean;
  };
  readonly tool: { readonly migplan_version: string; readonly schema: string };
  readonly inputs: {
    readonly config_digest: string;
    readonly files: readonly { readonly path: string; readonly sha256: string }[];
    readonly selected: readonly string[];
  };
  readonly targets: readonly PlanTarget[];
  readonly resource_changes: readonly ResourceChange[];
  readonly blocked: readonly Diagnostic[];
  readonly counts: PlanCounts;
  readonly migrations: readonly PlannedEntry[];
  readonly digest: string;
}

export function makePlanFile(header: PlanHeader, entries: readonly PlannedEntry[]): PlanFile {
  const migrations = [...entries].sort((a, b) => (a.address < b.address ? -1 : 1));
  const flags = flagsOf(migrations, header.selected);
  const expires = new Date(Date.parse(header.createdAt) + (flags.irreversible ? CUTOVER_EXPIRES_AFTER_MS : EXPIRES_AFTER_MS));
  const body = {
    format_version: PLAN_FORMAT,
    kind: 'MigrationPlan' as const,
    summary: summaryLines(migrations),
    plan: {
      id: header.id,
      created_at: header.createdAt,
      expires_at: expires.toISOString(),
      created_by: header.createdBy,
      ...flags,
    },
    tool: { migplan_version: header.version, schema: 'migplan.dev/v1alpha1' },
    inputs: {
      config_digest: header.configDigest,
      files: [...header.files].sort((a, b) => (a.path < b.path ? -1 : 1)),
      selected: [...header.selected].sort(),
    },
    targets: [...header.targets].sort((a, b) => (a.provider < b.provider ? -1 : 1)),
    ...derived(migrations),
    migrations,
  };
  return { ...body, digest: digestOf(body) };
}

const flagsOf = (migrations: readonly PlannedEntry[], selected: readonly string[]) => ({
  complete: selected.length === 0,
  applyable: migrations.some(({ actions }) => actions.length > 0),
  irreversible: migrations.some(({ actions }) => actions.some(isIrreversible)),
});

const derived = (migrations: readonly PlannedEntry[]) => ({
  resource_changes: migrations.filter(({ disks }) => disks.length > 0).flatMap(resourceChanges),
  blocked: migrations.flatMap(({ diagnostics }) => diagnostics.filter(({ severity }) => severity === 'error')),
  counts: countChanges(migrations),
});

/** Pretty-printed with a stable order of keys, so that two plans differ where they differ. */
export const encodePlanFile = (plan: PlanFile): string => `${JSON.stringify(plan, null, 2)}\n`;

export type PlanReading =
  | { readonly kind: 'plan'; readonly plan: PlanFile }
  | { readonly kind: 'not-a-plan'; readonly why: string }
  | { readonly kind: 'altered'; readonly why: string };

/**
 * Reads a plan and refuses one that was changed: the digest must fit, and all that is derived (summary, resource changes,
 * counts) must come out the same again, so that nobody reviews a text that says something else than what is applied.
 */
export function decodePlanFile(text: string): PlanReading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { kind: 'not-a-plan', why: `it is not JSON: ${(error as Error).message}` };
  }
  if (!isPlanShaped(value)) return { kind: 'not-a-plan', why: 'it has not the fields of a migplan plan' };
  if (value.format_version.split('.')[0] !== PLAN_FORMAT.split('.')[0]) {
    return { kind: 'not-a-plan', why: `its format is ${value.format_version}, this migplan reads ${PLAN_FORMAT}` };
  }
  const { digest, ...body } = value;
  if (digestOf(body) !== digest) return { kind: 'altered', why: 'its digest does not fit its content' };
  const field = contradiction(value);
  if (field !== undefined) return { kind: 'altered', why: `its "${field}" does not say what its actions do` };
  // JSON may name a key twice: the reviewer reads the first, the program the last.
  if (withoutLineEnds(text) !== withoutLineEnds(encodePlanFile(value))) {
    return { kind: 'altered', why: 'it is laid out in another way than migplan writes it' };
  }
  return { kind: 'plan', plan: value };
}

/** The first derived field that comes out differently; with a digest that fits, only a forger makes one. */
function contradiction(plan: PlanFile): string | undefined {
  try {
    const { migrations, inputs } = plan;
    const flags = flagsOf(migrations, inputs.selected);
    const again = { summary: summaryLines(migrations), ...derived(migrations), plan: { ...plan.plan, ...flags } };
    return Object.entries(again).find(
      ([field, expected]) => canonical(plan[field as keyof PlanFile]) !== canonical(JSON.parse(JSON.stringify(expected))),
    )?.[0];
  } catch {
    return 'migrations';
  }
}

/** Git may change line ends, an editor the last one. */
const withoutLineEnds = (text: string): string => text.replaceAll('\r\n', '\n').trimEnd();

function isPlanShaped(value: unknown): value is PlanFile {
  if (typeof value !== 'object' || value === null) return false;
  const plan = value as Partial<PlanFile>;
  return (
    plan.kind === 'MigrationPlan' &&
    typeof plan.format_version === 'string' &&
    typeof plan.digest === 'string' &&
    typeof plan.plan?.id === 'string' &&
    typeof plan.plan.expires_at === 'string' &&
    typeof plan.plan.created_at === 'string' &&
    typeof plan.inputs?.config_digest === 'string' &&
    Array.isArray(plan.inputs.files) &&
    Array.isArray(plan.inputs.selected) &&
    Array.isArray(plan.targets) &&
    Array.isArray(plan.migrations) &&
    plan.migrations.every(
      (entry) =>
        typeof entry?.address === 'string' &&
        Array.isArray(entry.actions) &&
        Array.isArray(entry.disks) &&
        Array.isArray(entry.diagnostics),
    )
  );
}

const canonical = (value: unknown): string => canonicalize(value) ?? 'null';

export const digestOf = (value: unknown): string =>
  `sha256:${createHash('sha256')
    .update(canonical(JSON.parse(JSON.stringify(value))))
    .digest('hex')}`;
