import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Diagnostic } from '../../diag/diagnostic.js';
import type { ProviderType } from '../../model/provider-types.js';
import type { Scalar } from '../../model/scalar.js';
import { isIrreversible } from '../core/action-table.js';
import type { PlannedEntry } from './planned-entry.js';
import { formerResourceChanges, type ResourceChange, resourceChanges } from './resource-changes.js';
import { resourceDrift } from './resource-drift.js';
import { countChanges, type PlanCounts, summaryLines } from './summary.js';

export const PLAN_FORMAT = '1.2';
const HOUR_MS = 3_600_000;
const EXPIRES_AFTER_MS = 72 * HOUR_MS;
const CUTOVER_EXPIRES_AFTER_MS = 12 * HOUR_MS;

export interface PlanTarget {
  readonly provider: string;
  readonly kind: ProviderType;
  readonly endpoint: string;
  readonly id: string;
  readonly region?: string;
}

/** What was chosen when the manifests were read. Values of variables are never secrets. */
export interface PlanSettings {
  readonly environment?: string;
  readonly variables: Readonly<Record<string, Scalar>>;
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
  /** Sentences about the plan as a whole. */
  readonly notes?: readonly string[];
  /** Absent: no environment was chosen, and there are no variables. */
  readonly settings?: PlanSettings;
  /** What the Project says the plan is for. */
  readonly environment?: string;
  /** Digest of the trust policy that the Project names. */
  readonly trust?: string;
  /** Rules that it breaks. */
  readonly violations?: readonly Diagnostic[];
}

/** The saved plan. Data only, no secrets; `digest` covers everything else in canonical form (RFC 8785). */
export interface PlanFile {
  readonly format_version: string;
  readonly kind: 'MigrationPlan';
  /** What tools for Terraform's plans look for, under its names: the version of the program, `created_at`, and what `plan` says as well. */
  readonly terraform_version: string;
  readonly timestamp: string;
  readonly applyable: boolean;
  readonly complete: boolean;
  /** Planning that fails makes no file. */
  readonly errored: false;
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
    readonly settings?: PlanSettings;
    /** What it is for, as the Project says. */
    readonly environment?: string;
    /** sha256 (hex) of the trust policy that the Project names, with its signers. */
    readonly trust?: string;
  };
  readonly targets: readonly PlanTarget[];
  readonly resource_changes: readonly ResourceChange[];
  /** What is not as it was left or declared. */
  readonly resource_drift: readonly ResourceChange[];
  readonly blocked: readonly Diagnostic[];
  readonly counts: PlanCounts;
  /** What concerns all migrations alike, such as a check that was not possible. Absent: nothing. */
  readonly notes?: readonly string[];
  /** Rules that it broke when it was made; apply looks again. Absent: none. */
  readonly violations?: readonly Diagnostic[];
  readonly migrations: readonly PlannedEntry[];
  readonly digest: string;
}

export function makePlanFile(header: PlanHeader, entries: readonly PlannedEntry[]): PlanFile {
  const migrations = [...entries].sort((a, b) => (a.address < b.address ? -1 : 1));
  const flags = flagsOf(migrations, header.selected);
  const expires = new Date(Date.parse(header.createdAt) + lifetimeMs(flags));
  const body = {
    format_version: PLAN_FORMAT,
    kind: 'MigrationPlan' as const,
    ...terraformWords(flags, { version: header.version, createdAt: header.createdAt }),
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
      ...(header.settings === undefined ? {} : { settings: header.settings }),
      ...(header.environment === undefined ? {} : { environment: header.environment }),
      ...(header.trust === undefined ? {} : { trust: header.trust }),
    },
    targets: [...header.targets].sort((a, b) => (a.provider < b.provider ? -1 : 1)),
    ...derived(migrations),
    ...(header.notes === undefined || header.notes.length === 0 ? {} : { notes: header.notes }),
    ...(header.violations === undefined || header.violations.length === 0 ? {} : { violations: header.violations }),
    migrations,
  };
  return { ...body, digest: digestOf(body) };
}

/** How long after it was made a plan may be applied. */
export const lifetimeMs = ({ irreversible }: { readonly irreversible: boolean }): number =>
  irreversible ? CUTOVER_EXPIRES_AFTER_MS : EXPIRES_AFTER_MS;

export const flagsOf = (migrations: readonly PlannedEntry[], selected: readonly string[]) => ({
  complete: selected.length === 0,
  applyable: migrations.some(({ actions }) => actions.length > 0),
  irreversible: migrations.some(({ actions }) => actions.some(isIrreversible)),
});

/** What is said twice, for readers of Terraform's plans. */
export const terraformWords = (
  { applyable, complete }: { readonly applyable: boolean; readonly complete: boolean },
  { version, createdAt }: { readonly version: string; readonly createdAt: string },
) => ({ terraform_version: version, timestamp: createdAt, applyable, complete, errored: false as const });

const withDisks = (migrations: readonly PlannedEntry[]): readonly PlannedEntry[] =>
  migrations.filter(({ disks }) => disks.length > 0);

/** What builds before this one said as `resource_changes`. */
export const formerChanges = (migrations: readonly PlannedEntry[]): ResourceChange[] =>
  withDisks(migrations).flatMap(formerResourceChanges);

export const derived = (migrations: readonly PlannedEntry[]) => ({
  resource_changes: withDisks(migrations).flatMap(resourceChanges),
  resource_drift: migrations.flatMap(resourceDrift),
  blocked: migrations.flatMap(({ diagnostics }) => diagnostics.filter(({ severity }) => severity === 'error')),
  counts: countChanges(migrations),
});

/** Pretty-printed with a stable order of keys, so that two plans differ where they differ. */
export const encodePlanFile = (plan: PlanFile): string => `${JSON.stringify(plan, null, 2)}\n`;

export const canonical = (value: unknown): string => canonicalize(value) ?? 'null';

export const digestOf = (value: unknown): string =>
  `sha256:${createHash('sha256')
    .update(canonical(JSON.parse(JSON.stringify(value))))
    .digest('hex')}`;
