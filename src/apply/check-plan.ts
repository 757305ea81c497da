import type { Diagnostic } from '../diag/diagnostic.js';
import type { DesiredMigration } from '../model/desired.js';
import type { ObservedMigration } from '../model/observed.js';
import type { Action } from '../plan/action.js';
import { notCovered } from '../plan/covers.js';
import { type ChangedFact, changedFacts, factsOf } from '../plan/facts.js';
import type { PlanFile } from '../plan/plan-file.js';
import { planMigration } from '../plan/plan-migration.js';
import type { PlannedEntry } from '../plan/planned-entry.js';
import type { ProviderIdentity } from '../providers/provider.js';
import type { PlanProgress } from '../state/state-folder.js';

/** Refusals that need no live data: too old, other manifests. Nothing has been changed when any is returned. */
export function checkInputs(
  plan: PlanFile,
  now: Date,
  inputs: { readonly configDigest: string; readonly files: PlanFile['inputs']['files'] },
): Diagnostic[] {
  const expired = now.getTime() > Date.parse(plan.plan.expires_at);
  return [
    ...(expired ? [refusal('MP3004', `the plan was valid until ${plan.plan.expires_at}; nothing was changed`)] : []),
    ...(inputs.configDigest === plan.inputs.config_digest
      ? []
      : [refusal('MP3006', `${changedFiles(plan, inputs.files)} changed since the plan was made; nothing was changed`)]),
  ];
}

function changedFiles(plan: PlanFile, files: PlanFile['inputs']['files']): string {
  const before = new Map(plan.inputs.files.map(({ path, sha256 }) => [path, sha256]));
  const now = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  const paths = [...new Set([...before.keys(), ...now.keys()])].filter((path) => before.get(path) !== now.get(path));
  return paths.length === 0 ? 'what the manifests ask for' : paths.sort().join(', ');
}

/** A plan for one cloud or vCenter is never applied to another. */
export function checkTargets(plan: PlanFile, identities: ReadonlyMap<string, ProviderIdentity>): Diagnostic[] {
  return plan.targets.flatMap(({ provider, id, endpoint, kind }) => {
    const now = identities.get(provider);
    if (now === undefined || (now.id === id && now.kind === kind)) return [];
    const what = kind === 'openstack' ? 'project' : 'vCenter';
    return [
      refusal(
        'MP3005',
        `the plan is for ${what} ${id} at ${endpoint}, but the credentials in use for "${provider}" lead to ${what} ${now.id} at ${now.endpoint}; nothing was changed`,
      ),
    ];
  });
}

/** Facts that changed since the plan was made, for migrations this plan has not begun itself. */
export function checkFacts(
  plan: PlanFile,
  observed: ReadonlyMap<string, { readonly desired: DesiredMigration; readonly observed: ObservedMigration }>,
  progress: PlanProgress | undefined,
): Diagnostic[] {
  const begun = new Set(progress?.begun);
  return plan.migrations
    .filter(({ address, actions }) => actions.length > 0 && !begun.has(address))
    .flatMap((entry) => {
      const now = observed.get(entry.address);
      if (now === undefined) return [goneFromManifests(entry.address)];
      return checkEntry(plan, entry, { ...now, hasBegun: false });
    });
}

/**
 * What would be done now, of every migration that is not done, and was not reviewed: by value, begun or not. One that is
 * blocked meanwhile is left to its own run, so that the others go on.
 */
export function checkCoverage(
  plan: PlanFile,
  observed: ReadonlyMap<string, { readonly desired: DesiredMigration; readonly observed: ObservedMigration }>,
  { progress, now }: { readonly progress: PlanProgress | undefined; readonly now: Date },
): Diagnostic[] {
  return plan.migrations.flatMap((entry) => {
    const found = observed.get(entry.address);
    if (entry.actions.length === 0 || found === undefined || progress?.done.includes(entry.address) === true) return [];
    return checkActions(entry, planMigration(found.desired, found.observed, { now }).actions);
  });
}

/** The same for one migration, right before it begins. */
export function checkActions({ address, actions }: PlannedEntry, fresh: readonly Action[]): Diagnostic[] {
  const extra = notCovered(actions, fresh);
  if (extra.length === 0) return [];
  const detail = `what would be done now is not what was reviewed; nothing was changed\n${extra.map((line) => `  ${line}`).join('\n')}`;
  return [refusal('MP3011', detail, address)];
}

/** Facts of one migration, right before it begins. */
export function checkEntry(
  plan: PlanFile,
  entry: PlannedEntry,
  { desired, observed, hasBegun }: { desired: DesiredMigration; observed: ObservedMigration; hasBegun: boolean },
): Diagnostic[] {
  if (hasBegun) return [];
  const changed = changedFacts(entry.facts, factsOf(desired, observed));
  return changed.length === 0 ? [] : [stale(plan, entry, changed)];
}

export const goneFromManifests = (address: string): Diagnostic =>
  refusal('MP3006', `${address} is not in the manifests any more; nothing was changed`, address);

function stale(plan: PlanFile, entry: PlannedEntry, changed: readonly ChangedFact[]): Diagnostic {
  const lines = changed.map(({ name, before, now }) => `  ${name}: ${shown(before)} -> ${shown(now)}`);
  const detail = `the live state changed after the plan was made (${plan.plan.created_at}); nothing was changed`;
  return { ...refusal('MP3003', detail, entry.address), lines };
}

const shown = (value: string | undefined): string => (value === undefined ? '(not there)' : `"${value}"`);

const refusal = (code: 'MP3003' | 'MP3004' | 'MP3005' | 'MP3006' | 'MP3011', detail: string, address?: string): Diagnostic => ({
  severity: 'error',
  code,
  detail,
  ...(address === undefined ? {} : { address }),
  nextSteps: ['make a new plan: migplan plan --out plan.json'],
});
