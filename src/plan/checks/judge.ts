import { type Diagnostic, invariant } from '../../diag/diagnostic.js';
import { blockerDiagnostic, type PlanContext } from '../core/plan-context.js';
import type { TargetProblem } from '../core/target-problem.js';
import { bootDiskProblems } from '../cutover/disk-order.js';
import { ambiguousNames } from './ambiguous-names.js';
import { type CheckId, type CheckIdOf, checkTable, idsOf } from './check-table.js';
import { earlierServer } from './earlier-server.js';
import { guestShutdown } from './guest-checks.js';
import { unknownGuest } from './guest-family.js';
import { keptProperties } from './kept-properties.js';
import { reseedsDone } from './reseeds-done.js';
import { serverNotes } from './server-notes.js';
import { foreignRuns, sourceDisks, sourceHistory, sourceState } from './source-checks.js';
import { spareVolumes } from './spare-volumes.js';
import { addressDiagnostics } from './target-addresses.js';
import { flavorDiagnostics, unknownNames } from './target-diagnostics.js';
import { hardwareDiagnostics } from './target-hardware.js';
import { nicDiagnostics } from './target-nics.js';
import { slotDiagnostics } from './target-slots.js';
import { volumeTypeDiagnostics } from './target-volume-types.js';
import { volumeZones } from './target-volume-zones.js';
import { changeTracking } from './tracking-diagnostics.js';
import { virtualTpm } from './virtual-tpm.js';
import { volumeReach } from './volume-reach.js';

type MigrationCheckId = CheckIdOf<'migration'>;

/** One for each row of the table: what it finds wrong in one migration as it was observed. */
const judges: { readonly [Id in MigrationCheckId]: (context: PlanContext) => readonly TargetProblem[] } = {
  'source-state': sourceState,
  'source-disks': sourceDisks,
  'volume-reach': volumeReach,
  'boot-disk': bootDiskProblems,
  'guest-family': unknownGuest,
  'change-tracking': changeTracking,
  'foreign-runs': foreignRuns,
  'source-history': sourceHistory,
  'guest-shutdown': guestShutdown,
  'virtual-tpm': virtualTpm,
  volumes: (context) => [...blockedDisks(context), ...spareVolumes(context)],
  reseed: reseedsDone,
  'target-names': unknownNames,
  'ambiguous-names': ambiguousNames,
  'volume-type': volumeTypeDiagnostics,
  'volume-zone': volumeZones,
  'host-slots': slotDiagnostics,
  'flavor-size': flavorDiagnostics,
  'earlier-server': earlierServer,
  'server-notes': serverNotes,
  nics: nicDiagnostics,
  addresses: addressDiagnostics,
  'machine-type': hardwareDiagnostics,
  'kept-properties': keptProperties,
};

/** Which checks ran and what they found, for whoever wants to know. */
export type Ran = (id: CheckId, found: readonly Diagnostic[]) => void;

/** All checks of one migration that concern its source, or its target. */
export function judgeMigration(context: PlanContext, about: 'source' | 'target', ran?: Ran): Diagnostic[] {
  const ids = idsOf('migration').filter((id) => checkTable[id].about === about);
  return ids.flatMap((id) => {
    const found = judges[id](context).map((problem) => told(id, context, problem));
    ran?.(id, found);
    return found;
  });
}

function told(id: MigrationCheckId, { desired }: PlanContext, problem: TargetProblem): Diagnostic {
  const { severity = 'error', address = desired.address, nextSteps = [], ...rest } = problem;
  return allowed(id, { ...blockerDiagnostic(desired, address, { nextSteps, ...rest }), severity });
}

/** A check says what its row announces, and nothing else. */
export function allowed(id: CheckId, diagnostic: Diagnostic): Diagnostic {
  const { says }: { readonly says: readonly string[] } = checkTable[id];
  invariant(says.includes(diagnostic.code), `check ${id} says ${diagnostic.code}, which its row does not name`);
  return diagnostic;
}

function blockedDisks({ desired, disks }: PlanContext): TargetProblem[] {
  return disks.flatMap(({ disk, assessment }) =>
    assessment.kind === 'blocked' ? [{ ...assessment.blocker, address: `${desired.address}/disk/${disk.key}` }] : [],
  );
}
