import type { ProviderIdentity } from '../contracts/provider.js';
import { comparable, identityFields } from '../contracts/remote-key.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { DesiredMigration } from '../model/desired.js';
import type { ObservedMigration } from '../model/observed.js';
import type { ObservedVm } from '../model/observed-source.js';
import { own } from '../model/own.js';
import type { Action } from '../plan/core/action.js';
import { beyondApproval } from '../plan/file/beyond-approval.js';
import { differences } from '../plan/file/differences.js';
import { type ChangedFact, changedFacts, changedVm, factsOf } from '../plan/file/facts.js';
import { isFormer } from '../plan/file/former-format.js';
import type { PlanFile, PlanSettings } from '../plan/file/plan-file.js';
import type { PlannedEntry } from '../plan/file/planned-entry.js';
import { isBlocked } from '../plan/file/summary.js';
import type { MigrationPlan } from '../plan/plan-migration.js';
import type { PlanProgress } from '../state/state-folder.js';

/** What the project's files say now. */
export interface PlanInputs {
  readonly configDigest: string;
  readonly files: PlanFile['inputs']['files'];
  /** What they were read with. */
  readonly settings: PlanSettings;
  /** Those that --target of the plan selects. */
  readonly selected: readonly DesiredMigration[];
}

/** Clocks of two machines differ by less; a plan of a later time would live longer than it may. */
const CLOCK_SKEW_MAX_MS = 10 * 60_000;

/** Refusals that need no live data: too old, other manifests. Nothing has been changed when any is returned. */
export function checkInputs(plan: PlanFile, now: Date, inputs: PlanInputs): Diagnostic[] {
  const { created_at: created, expires_at: expires } = plan.plan;
  if (Date.parse(created) > now.getTime() + CLOCK_SKEW_MAX_MS) return [fromTheFuture(created, now)];
  const expired = now.getTime() > Date.parse(expires);
  return [
    ...(expired ? [refusal('MP3004', `the plan was valid until ${expires}; nothing was changed`)] : []),
    ...(isSameConfig(plan, inputs)
      ? checkEntries(plan, inputs.selected)
      : [refusal('MP3006', `${changedFiles(plan, inputs.files)} changed since the plan was made; nothing was changed`)]),
  ];
}

/** Environment and variables are compared by value as well: what is equal for these manifests may have been meant for others. */
const isSameConfig = ({ inputs: planned }: PlanFile, { configDigest, settings }: PlanInputs): boolean =>
  configDigest === planned.config_digest && differences('settings', planned.settings ?? { variables: {} }, settings).length === 0;

const fromTheFuture = (created: string, now: Date): Diagnostic => ({
  ...refusal('MP3017', `the plan was made at ${created}, and here it is ${now.toISOString()}; nothing was changed`),
  nextSteps: ['set the clocks of both machines, then make a new plan: migplan plan --out plan.json'],
});

/** Of manifests that did not change since, a plan says what they say. */
function checkEntries(plan: PlanFile, selected: readonly DesiredMigration[]): Diagnostic[] {
  const { migrations, inputs } = plan;
  const wanted = new Map(selected.map((desired) => [desired.address, desired]));
  const planned = new Set(migrations.map(({ address }) => address));
  const odd = (what: string) => refusal('MP3016', `${what}; nothing was changed`);
  const which = inputs.selected.length === 0 ? 'the manifests' : `the selection ${inputs.selected.join(' ')}`;
  return [
    ...selected
      .filter(({ address }) => !planned.has(address))
      .map(({ address }) => odd(`${address} is not in the plan of ${which}`)),
    ...migrations.flatMap((entry) => {
      const { address, phase } = entry;
      const desired = wanted.get(address);
      if (desired === undefined) return [odd(`${address} is in the plan, and not one of ${which}`)];
      if (desired.phase !== phase) return [odd(`the plan says phase "${phase}" of ${address}, its manifest "${desired.phase}"`)];
      // A plan in the former format says nothing of windows and labels.
      const other = isFormer(plan) ? [] : otherwise(entry, desired);
      return other.map((field) => odd(`the plan says another ${field} of ${address} than its manifest`));
    }),
  ];
}

/** What a reviewer was told of a manifest that the manifest does not say. */
function otherwise(entry: PlannedEntry, { window, labels }: DesiredMigration): string[] {
  const isOpen = entry.actions.length > 0 || isBlocked(entry);
  const other = {
    window: differences('window', isOpen ? window : undefined, entry.window).length > 0,
    wave: own(labels, 'wave') !== entry.wave,
    labels: differences('labels', labels, entry.labels ?? {}).length > 0,
  };
  return Object.entries(other).flatMap(([field, differs]) => (differs ? [field] : []));
}

function changedFiles(plan: PlanFile, files: PlanFile['inputs']['files']): string {
  const before = new Map(plan.inputs.files.map(({ path, sha256 }) => [path, sha256]));
  const now = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  const paths = [...new Set([...before.keys(), ...now.keys()])].filter((path) => before.get(path) !== now.get(path));
  return paths.length === 0 ? 'what the manifests ask for' : paths.sort().join(', ');
}

/**
 * A plan for one cloud, region, project or vCenter is never applied to another. The endpoint counts too: a cloud or vCenter
 * that was restored from a copy of another has the ids of that one.
 */
export function checkTargets(plan: PlanFile, identities: ReadonlyMap<string, ProviderIdentity>): Diagnostic[] {
  return [...identities].flatMap(([provider, now]) => {
    const planned = plan.targets.find((target) => target.provider === provider);
    if (planned === undefined) return [refusal('MP3005', `the plan does not say what "${provider}" is; nothing was changed`)];
    const other = identityFields.filter((field) => comparable[field](planned) !== comparable[field](now));
    if (other.length === 0) return [];
    const lines = other.map((field) => `  ${field}: ${shown(planned[field])} -> ${shown(now[field])}`);
    return [
      refusal('MP3005', `the credentials in use for "${provider}" lead elsewhere; nothing was changed\n${lines.join('\n')}`),
    ];
  });
}

/** Migrations with something to do that earlier runs of the plan have not finished. */
export function leftOf(
  { migrations }: PlanFile,
  desired: readonly DesiredMigration[],
  progress: PlanProgress | undefined,
): DesiredMigration[] {
  const planned = new Set(migrations.filter(({ actions }) => actions.length > 0).map(({ address }) => address));
  const done = new Set(progress?.done);
  return desired.filter(({ address }) => planned.has(address) && !done.has(address));
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
  { migrations }: PlanFile,
  fresh: ReadonlyMap<string, { readonly plan: MigrationPlan }>,
  progress: PlanProgress | undefined,
): Diagnostic[] {
  const done = new Set(progress?.done);
  return migrations.flatMap((entry) => {
    const now = fresh.get(entry.address);
    if (entry.actions.length === 0 || now === undefined || done.has(entry.address)) return [];
    return checkActions(entry, now.plan.actions);
  });
}

/** The same for one migration, right before it begins. */
export function checkActions({ address, actions }: PlannedEntry, fresh: readonly Action[]): Diagnostic[] {
  const extra = beyondApproval(actions, fresh);
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

/** What an earlier step wrote on the volumes and would have to be written again: the server would not be the one that was reviewed. */
export function checkImageMetadata({ address }: DesiredMigration, due: readonly Action[]): Diagnostic[] {
  const lines = due.flatMap((action) => {
    if (action.kind !== 'set-image-metadata') return [];
    const { disk, set, unset, before, bootable, notBootable = false } = action;
    const keys = [...Object.keys(set), ...unset];
    return [
      ...linesOf(keys.map((key) => ({ name: `disk/${disk}.${key}`, before: own(set, key), now: own(before, key) }))),
      ...(bootable || notBootable
        ? linesOf([{ name: `disk/${disk}.bootable`, before: `${bootable}`, now: `${!bootable}` }])
        : []),
    ];
  });
  if (lines.length === 0) return [];
  return [{ ...refusal('MP3003', 'image metadata of the volumes were changed since this apply wrote them', address), lines }];
}

export const goneFromManifests = (address: string): Diagnostic =>
  refusal('MP3006', `${address} is not in the manifests any more; nothing was changed`, address);

function stale(plan: PlanFile, entry: PlannedEntry, changed: readonly ChangedFact[]): Diagnostic {
  const detail = `the live state changed after the plan was made (${plan.plan.created_at}); nothing was changed`;
  return { ...refusal('MP3003', detail, entry.address), lines: linesOf(changed) };
}

const linesOf = (changed: readonly ChangedFact[]): string[] =>
  changed.map(({ name, before, now }) => `  ${name}: ${shown(before)} -> ${shown(now)}`);

/** What somebody changed of the VM since its apply began: the rest of it was reviewed, and is begun, for another one. */
export function checkVm(desired: DesiredMigration, observed: ObservedMigration, before: ObservedVm): Diagnostic[] {
  const changed = changedVm(desired, observed, before);
  if (changed.length === 0) return [];
  return [{ ...refusal('MP3003', 'the VM was changed since this apply began', desired.address), lines: linesOf(changed) }];
}

const shown = (value: string | undefined): string => (value === undefined ? '(not there)' : `"${value}"`);

type RefusalCode = 'MP3003' | 'MP3004' | 'MP3005' | 'MP3006' | 'MP3011' | 'MP3016' | 'MP3017';

const refusal = (code: RefusalCode, detail: string, address?: string): Diagnostic => ({
  severity: 'error',
  code,
  detail,
  ...(address === undefined ? {} : { address }),
  nextSteps: ['make a new plan: migplan plan --out plan.json'],
});
