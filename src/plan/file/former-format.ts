import { own } from '../../model/own.js';
import { downtimeEstimate } from '../cutover/downtime.js';
import { type PlanFile, terraformWords } from './plan-file.js';
import type { PlannedEntry } from './planned-entry.js';
import { PROVIDER_NAME } from './resource-changes.js';
import { resourceDrift } from './resource-drift.js';

/**
 * The format before: without the words for readers of Terraform's plans, without window, wave, labels and downtime, and with
 * `finalize-copy` under its former name. Such a plan is read as it was meant until it expires; none is written any more.
 */
export const FORMER_FORMAT = '1.1';

export const isFormer = ({ format_version: format }: { readonly format_version?: unknown }): boolean => format === FORMER_FORMAT;

type Fields = Readonly<Record<string, unknown>>;

/** What actions were called. */
const FORMER_KINDS: Readonly<Record<string, string>> = { seal: 'finalize-copy' };

const NEW_OF_PLAN = ['terraform_version', 'timestamp', 'applyable', 'complete', 'errored', 'resource_drift'];
const NEW_OF_CHANGE = ['provider_name'];
const NEW_OF_ENTRY = ['window', 'wave', 'labels', 'downtime'];

/** The first field of a plan in the former format that this format did not have; undefined for a true one. */
export const fieldFromLater = (value: Fields): string | undefined =>
  NEW_OF_PLAN.find((name) => name in value) ??
  (isFields(value['inputs']) && 'settings' in value['inputs'] ? 'settings' : undefined) ??
  fieldOfList(value['resource_changes'], NEW_OF_CHANGE) ??
  fieldOfList(value['migrations'], NEW_OF_ENTRY);

const fieldOfList = (list: unknown, names: readonly string[]): string | undefined =>
  names.find((name) => Array.isArray(list) && list.some((item) => isFields(item) && name in item));

/**
 * A plan in the former format in the words of the present one; `format_version` and `digest` stay. Nothing is believed of
 * `value` yet: what has another shape than expected stays as it is, for the schema to refuse.
 */
export function inPresentWords(value: Fields): Fields {
  const flags = isFields(value['plan']) ? value['plan'] : {};
  const tool = isFields(value['tool']) ? value['tool'] : {};
  const said = { version: tool['migplan_version'] as string, createdAt: flags['created_at'] as string };
  return {
    ...value,
    ...terraformWords({ applyable: flags['applyable'] as boolean, complete: flags['complete'] as boolean }, said),
    resource_changes: each(value['resource_changes'], (change) => ({ ...change, provider_name: PROVIDER_NAME })),
    resource_drift: [],
    migrations: each(value['migrations'], (entry) => ({ ...entry, actions: each(entry['actions'], inPresentKind) })),
  };
}

/** What a plan in the former format did not say, from what it says; `plan` fits the schema. */
export const withDerived = (plan: PlanFile): PlanFile => ({
  ...plan,
  resource_drift: plan.migrations.flatMap(resourceDrift),
  migrations: plan.migrations.map(withDowntime),
});

function withDowntime(entry: PlannedEntry): PlannedEntry {
  const downtime = downtimeEstimate(entry.actions, { deltaHistory: {} }, 1);
  return downtime === undefined ? entry : { ...entry, downtime };
}

const inPresentKind = (action: Fields): Fields =>
  typeof action['kind'] === 'string' ? { ...action, kind: own(FORMER_KINDS, action['kind']) ?? action['kind'] } : action;

const each = (list: unknown, change: (item: Fields) => Fields): unknown =>
  Array.isArray(list) ? list.map((item: unknown) => (isFields(item) ? change(item) : item)) : list;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
