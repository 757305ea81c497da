import { grantPrivileges, makeRole, seeAllPrivileges } from '../contracts/grant-privileges.js';
import type { PrivilegeCheck } from '../contracts/privileges.js';
import type { SourceProvider } from '../contracts/source-provider.js';
import type { DesiredMigration } from '../model/desired.js';
import type { ObservedMigration } from '../model/observed.js';
import type { ObservedVm } from '../model/observed-source.js';
import type { Action } from '../plan/core/action.js';
import { usesOf } from '../plan/core/action-table.js';
import type { TargetProblem } from '../plan/core/target-problem.js';
import type { Providers } from '../state/observe.js';
import type { Look } from './looks.js';

/**
 * Only what is certainly needed, and certainly missing, counts. It may be granted between plan and apply, so that a plan warns;
 * before anything is done, and before the power-off, it is an error.
 */
export const lookAtPrivileges: Look = async ({ source, use, station }) => {
  if (source === undefined || use === undefined || use.uses.size === 0) return [];
  const { vm, uses, known } = use;
  const told = known ?? (await source.checkPrivileges?.({ vms: [vm], storage: false })) ?? [];
  const missing = told.filter(
    (check) => check.vm === vm && check.verdict === 'refused' && check.evidence === 'certain' && uses.has(check.use),
  );
  return missing.length === 0 ? [] : [problem(source.name, missing, station === 'plan')];
};

function problem(provider: string, missing: readonly PrivilegeCheck[], isPlan: boolean): TargetProblem {
  const names = missing.map(({ privilege }) => privilege);
  return {
    code: 'MP5008',
    severity: isPlan ? 'warning' : 'error',
    detail: `the account of ${provider} lacks on ${missing[0]!.object} what the next steps need: ${names.join(', ')}`,
    field: 'spec.source',
    nextSteps: [grantPrivileges(names), seeAllPrivileges, makeRole],
  };
}

/** What is about to be done for one migration. */
export interface Act {
  readonly desired: DesiredMigration;
  readonly observed: ObservedMigration;
  readonly actions: readonly Action[];
}

interface Asked extends Act {
  readonly source: SourceProvider;
  readonly vm: ObservedVm;
}

/** The act with its VM and source, if the VM is there and something is done to it. */
export function askedOf(providers: Providers, act: Act): Asked[] {
  const { desired, observed, actions } = act;
  if (observed.source.kind !== 'found' || usesOf(actions).size === 0) return [];
  return [{ ...act, source: providers.source(desired.source.provider), vm: observed.source.vm }];
}

/** By provider. Asks for all VMs of a plan at once: one question for each source. */
export async function privilegesOfAll(asked: readonly Asked[]): Promise<ReadonlyMap<string, readonly PrivilegeCheck[]>> {
  const sources = new Map(asked.map(({ desired, source }) => [desired.source.provider, source]));
  const answers = [...sources].map(async ([provider, source]) => {
    const vms = asked.filter(({ desired }) => desired.source.provider === provider).map(({ vm }) => vm.ref);
    return [provider, (await source.checkPrivileges?.({ vms, storage: false })) ?? []] as const;
  });
  return new Map(await Promise.all(answers));
}
