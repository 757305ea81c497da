import { askedOf, privilegesOfAll } from '../apply/look-at-privileges.js';
import { look } from '../apply/looks.js';
import { hasErrors } from '../diag/diagnostic.js';
import { systemClock } from '../host/clock.js';
import { newUuid } from '../host/random.js';
import type { ProjectSettings } from '../manifest/environment/settings.js';
import type { DesiredMigration } from '../model/desired.js';
import type { ObservedMigration } from '../model/observed.js';
import type { PlanRules } from '../model/plan-rules.js';
import type { TrustPolicy } from '../model/trust-policy.js';
import { makePlanFile, type PlanFile, type PlanHeader, type PlanTarget } from '../plan/file/plan-file.js';
import { plannedEntry } from '../plan/file/planned-entry.js';
import type { MigrationPlan } from '../plan/plan-migration.js';
import { approvalNotes } from '../plan/policy/approval-notes.js';
import { judgeTogether } from '../plan/together/judge-together.js';
import { planAlone } from '../plan/together/plan-alone.js';
import { planNotes, unclaimedNotes } from '../plan/together/plan-notes.js';
import { atOnceOf, sourceRoomNotes } from '../plan/together/source-at-once.js';
import type { Runtime } from '../runtime.js';
import { currentUser } from '../state/current-user.js';
import { observeProject, type Providers } from '../state/observe.js';
import { policyViolations, rulesOf } from './policy/judge-policy.js';
import { tracePlanned } from './trace-planned.js';
import { trustOfProject } from './trust/trust-in-force.js';

export interface PlanRequest {
  readonly migrations: readonly DesiredMigration[];
  /** --target patterns. */
  readonly selected: readonly string[];
  readonly version: string;
  /** The trust policy in force: its rules hold beside those of the Project. */
  readonly trust?: TrustPolicy | undefined;
  /** Migrations that its apply works on at the same time. Absent: what it does unless it is told otherwise. */
  readonly parallelism?: number | undefined;
}

/** Observe, then plan: changes nothing anywhere. */
export async function makePlan(runtime: Runtime, request: PlanRequest): Promise<PlanFile> {
  const { migrations, selected, version, trust } = request;
  const providers = await runtime.providers(migrations);
  const { migrations: observed, unclaimed } = await observeProject(migrations, providers, await runtime.state());
  const now = systemClock.now();
  const planned = migrations.map((desired, index) => planAlone(desired, observed[index]!, { now }));
  const several = atOnceOf(runtime.project.limits, request.parallelism);
  const together = judgeTogether(planned, several);
  const subjects = together.map((plan, index) => ({ desired: migrations[index]!, observed: observed[index]!, plan }));
  const acts = subjects.map(({ plan, ...rest }) => ({ ...rest, actions: plan.actions }));
  const privileges = await privilegesOfAll(acts.flatMap((act) => askedOf(providers, act)));
  const plans = await Promise.all(subjects.map((subject) => looked(runtime, { ...subject, providers, privileges })));
  const atOnce = runtime.project.limits.transfers;
  const entries = migrations.map((desired, index) => plannedEntry(desired, observed[index]!, { ...plans[index]!, atOnce }));
  for (const entry of entries) tracePlanned(entry);
  const header: PlanHeader = {
    id: newUuid(),
    createdAt: now.toISOString(),
    createdBy: currentUser(),
    version,
    configDigest: runtime.loaded.configDigest,
    files: runtime.loaded.files,
    targets: await targetsOf(runtime),
    selected,
    ...settingsOf(runtime.loaded.settings),
    notes: [
      ...settingsNotes(runtime.loaded.settings),
      ...planNotes(planned),
      ...sourceRoomNotes(planned, several),
      // With --target, the VM of a volume may be one that was not looked at.
      ...(selected.length === 0 ? unclaimedNotes(unclaimed) : []),
    ],
    ...(await standingOf(runtime)),
  };
  return judged(makePlanFile(header, entries), { header, rules: rulesOf(runtime, trust), trust, now });
}

/** What the Project says the plan is for, and which policy it goes by. */
async function standingOf({ project, loaded }: Runtime): Promise<Pick<PlanHeader, 'environment' | 'trust'>> {
  const trust = await trustOfProject(project);
  const environment = project.rules.environment ?? loaded.settings.environment;
  return {
    ...(environment === undefined ? {} : { environment }),
    ...(trust === undefined ? {} : { trust: trust.digest }),
  };
}

interface Judging {
  readonly header: PlanHeader;
  readonly rules: readonly PlanRules[];
  readonly trust: TrustPolicy | undefined;
  readonly now: Date;
}

/** The plan with the rules that it breaks, and with what it needs to be applied. */
async function judged(plan: PlanFile, { header, rules, trust, now }: Judging): Promise<PlanFile> {
  const violations = await policyViolations(plan, { rules, kind: 'made', now, begun: [] });
  const needs = trust === undefined ? [] : approvalNotes(plan, trust);
  if (violations.length === 0 && needs.length === 0) return plan;
  return makePlanFile({ ...header, notes: [...(header.notes ?? []), ...needs], violations }, plan.migrations);
}

/** Nothing where nothing was chosen, so that such plans are as they always were. */
const settingsOf = (settings: ProjectSettings): { readonly settings?: ProjectSettings } =>
  settings.environment === undefined && Object.keys(settings.variables).length === 0 ? {} : { settings };

function settingsNotes({ environment, variables }: ProjectSettings): string[] {
  const values = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return [
    ...(environment === undefined ? [] : [`The plan is for environment ${environment}.`]),
    ...(values.length === 0 ? [] : [`Variables: ${values.join(', ')}.`]),
  ];
}

interface Planned {
  readonly desired: DesiredMigration;
  readonly observed: ObservedMigration;
  readonly plan: MigrationPlan;
}

interface Looking extends Planned {
  readonly providers: Providers;
  readonly privileges: Awaited<ReturnType<typeof privilegesOfAll>>;
}

/** The plan with what had to be tried out; one that cannot be done has no actions. */
async function looked(runtime: Runtime, { desired, observed, plan, providers, privileges }: Looking): Promise<MigrationPlan> {
  if (observed.source.kind !== 'found' || plan.actions.length === 0) return plan;
  const asked = privileges.get(desired.source.provider);
  const found = await look(runtime.looks, {
    desired,
    vm: observed.source.vm.ref,
    actions: plan.actions,
    source: providers.source(desired.source.provider),
    target: providers.target(desired.target.provider),
    station: 'plan',
    ...(asked === undefined ? {} : { privileges: asked }),
  });
  const diagnostics = [...plan.diagnostics, ...found];
  return hasErrors(found) ? { ...plan, actions: [], notes: [], diagnostics } : { ...plan, diagnostics };
}

async function targetsOf(runtime: Runtime): Promise<PlanTarget[]> {
  const identities = await runtime.identities();
  return [...identities].map(([provider, { kind, endpoint, id, region }]) => ({
    provider,
    kind,
    endpoint,
    id,
    ...(region === undefined ? {} : { region }),
  }));
}
