import { SimulatedCrash, type World } from '../../lab/sim/world.js';
import type { ApplySettings } from '../../src/apply/handler.js';
import { lookAtHosts } from '../../src/apply/look-at-hosts.js';
import { runMigration } from '../../src/apply/run-migration.js';
import { DiagnosticsError, hasErrors } from '../../src/diag/diagnostic.js';
import type { Clock } from '../../src/host/clock.js';
import type { DesiredMigration } from '../../src/model/desired.js';
import { runId } from '../../src/model/ids.js';
import type { Action } from '../../src/plan/core/action.js';
import { beyondApproval } from '../../src/plan/file/beyond-approval.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import type { LocalState } from '../../src/state/local-state.js';
import { ownHolder } from '../../src/state/lock.js';
import { observe, type Providers } from '../../src/state/observe.js';
import { emptyLedger, type LedgerEntries, StoredLedger } from '../../src/state/vm-ledger.js';
import { expectLawfulBeginnings, watchBeginnings } from './beginnings.js';

/** seeded, copied, recopied: from an OpenStack cloud; recopied writes over an earlier copy. */
export type Goal = 'synced' | 'converted' | 'cold' | 'seeded' | 'copied' | 'recopied';

export const placeOf = (goal: Goal): 'vcenter' | 'cloud' =>
  goal === 'seeded' || goal === 'copied' || goal === 'recopied' ? 'cloud' : 'vcenter';

/** `reseed: once` */
export const once = { request: 'once', how: 'copy' } as const;
/** `reseed: compare` */
export const compare = { request: 'compare', how: 'compare' } as const;

const isCutover = (goal: Goal): boolean => goal !== 'synced' && goal !== 'seeded';

export const desiredFor = (goal: Goal): DesiredMigration => ({
  name: 'erp-db01',
  address: 'vm/erp-db01',
  labels: {},
  source: { provider: 'vc', vm: { kind: 'path', path: '/DC/vm/erp-db01' } },
  target: { provider: 'cloud', server: { name: 'erp-db01', flavor: 'm1', networks: [], securityGroups: [] } },
  phase: isCutover(goal) ? 'cutover' : goal === 'seeded' ? 'seed' : 'sync',
  cbtSync: goal !== 'cold',
  cutover: isCutover(goal),
  hwMachineType: 'preserve',
  limits: {},
  shutdown: { timeoutSeconds: 10, force: false },
  ...(goal === 'recopied' && { reseed: once }),
  finalSync: 'run',
  verify: 'full',
  file: 'erp-db01.yaml',
  ranges: {},
});

const frozenClock: Clock = { now: () => new Date('2026-01-01T00:00:00Z'), monotonicMs: () => 0, sleep: async () => {} };
// Three blocks a batch: every disk has several checkpoints.
const settings: ApplySettings = { batchBytes: 3, repairBytes: 1, transfersMax: 1 };
let runs = 0;

/** The saved plan that all runs of one goal apply: what the first of them planned. */
export class Review {
  private actions: readonly Action[] | undefined;

  /** What would be done now and was not reviewed. */
  notReviewed(fresh: readonly Action[]): string[] {
    this.actions ??= JSON.parse(JSON.stringify(fresh)) as Action[];
    return beyondApproval(this.actions, fresh);
  }
}

/** One process: observe, plan, apply. false: it died. Each run has an id of its own, as each process has. */
export async function runToTheEnd(
  world: World,
  goal: Goal,
  {
    review = new Review(),
    clock = frozenClock,
    isShared = false,
    ...over
  }: { readonly review?: Review; readonly clock?: Clock; readonly isShared?: boolean } & Partial<DesiredMigration> = {},
): Promise<boolean> {
  const desired = { ...desiredFor(goal), ...over };
  const providers: Providers = { source: () => world.vm.provider, target: () => world.cloud.provider };
  const holdings = (): LedgerEntries =>
    world.ledgerText === undefined ? emptyLedger : (JSON.parse(world.ledgerText) as LedgerEntries);
  const local: LocalState = {
    lineage: 'lineage',
    isShared,
    ledgerEntries: async () => holdings(),
    runsWithOverlays: async () => [...new Set([...world.overlays.keys()].map((path) => path.split('/')[1]!))],
  };
  watchBeginnings(world);
  const run = runId(`run${String(++runs).padStart(9, '0')}`);
  try {
    const [observed] = await observe([desired], providers, local);
    const plan = planMigration(desired, observed!, { now: clock.now() });
    if (hasErrors(plan.diagnostics)) throw new DiagnosticsError(plan.diagnostics);
    const more = review.notReviewed(plan.actions);
    if (more.length > 0) throw new Error(`the same plan does not continue: ${more.join('; ')}`);
    const lock = { holder: await ownHolder('apply', clock.now()), [Symbol.asyncDispose]: async () => {} };
    const ledger = new StoredLedger(holdings(), async (next) => world.storeLedger(JSON.stringify(next)));
    await runMigration(
      { desired, observed: observed!, actions: plan.actions, ledger, lock, warnings: [] },
      {
        providers,
        dataPlane: world.dataPlane,
        converter: world.converter,
        journal: { write: async () => {} },
        clock,
        run,
        plan: 'plan',
        lineage: 'lineage',
        hostName: 'host',
        settings,
        checking: {
          looks: {
            privileges: async () => [],
            programs: async () => [],
            reader: async () => [],
            writer: async () => [],
            'windows-drivers': async () => [],
            'conversion-host': lookAtHosts,
          },
          observeAgain: async () => (await observe([desired], providers, local))[0]!,
        },
        timeRules: () => [],
        overlayFolder: (of) => `runs/${of}`,
        forgetOverlays: async () => {},
        emit: () => {},
        signal: new AbortController().signal,
      },
    );
    return true;
  } catch (error) {
    if (world.gate.dead || error instanceof SimulatedCrash) return false;
    throw error;
  } finally {
    expectLawfulBeginnings(world);
  }
}
