import { rm } from 'node:fs/promises';
import type { Estate } from '../../lab/estate/estate.js';
import type { ApplyTools } from '../../src/apply/run-migration.js';
import type { SourceProvider } from '../../src/contracts/source-provider.js';
import type { TargetProvider } from '../../src/contracts/target-provider.js';
import { DiagnosticsError, hasErrors } from '../../src/diag/diagnostic.js';
import { type Clock, systemClock } from '../../src/host/clock.js';
import { ProgramFinder } from '../../src/host/program.js';
import { loadProject } from '../../src/manifest/load.js';
import type { RunId } from '../../src/model/ids.js';
import { Runtime } from '../../src/runtime.js';
import type { StateBackend } from '../../src/state/backend/state-backend.js';
import type { Providers } from '../../src/state/observe.js';
import type { StateFolder } from '../../src/state/state-folder.js';
import { MortalBackend } from './mortal-backend.js';

/** What is installed where the campaign runs does not matter: no program is started. */
class EveryProgram extends ProgramFinder {
  override async preflight(): Promise<[]> {
    return [];
  }
}

const programs = new EveryProgram();
/** Three blocks a batch: every disk has several checkpoints. */
const BATCH_BLOCKS = 3;

/** The composition root with an estate in place of vCenter, clouds and programs. */
export class SimulatedRuntime extends Runtime {
  override readonly programs = programs;
  private estate!: Estate;

  static async openOn(estate: Estate, folder: string, env: Readonly<Record<string, string>>): Promise<SimulatedRuntime> {
    const loaded = await loadProject({ cwd: folder, env });
    if (hasErrors(loaded.diagnostics) || loaded.project === undefined) throw new DiagnosticsError(loaded.diagnostics);
    const runtime = new SimulatedRuntime(loaded, loaded.project, env);
    runtime.estate = estate;
    return runtime;
  }

  /** A process dies between what it does to files by what becomes of the files; a server has to be told. */
  protected override async openBackend(root: string): Promise<StateBackend> {
    const backend = await super.openBackend(root);
    return backend.type === 'local' ? backend : new MortalBackend(backend, this.estate.wire);
  }

  protected override async openSource(): Promise<SourceProvider> {
    return this.estate.source;
  }

  protected override async openTarget(): Promise<TargetProvider> {
    return this.estate.target;
  }

  override async tools(
    state: StateFolder,
    providers: Providers,
    run: { readonly id: RunId; readonly plan: string },
  ): Promise<Omit<ApplyTools, 'emit' | 'signal' | 'timeRules'>> {
    return {
      providers,
      dataPlane: this.estate.dataPlane,
      converter: this.estate.converter,
      journal: { write: async () => {} },
      clock: hasteningClock(),
      run: run.id,
      plan: run.plan,
      lineage: state.lineage,
      hostName: 'station',
      checking: this.checking(state, providers),
      settings: { batchBytes: BATCH_BLOCKS, repairBytes: 1, transfersMax: 1 },
      overlayFolder: (of, name) => state.overlayFolder(of, name),
      forgetOverlays: (of, name) => rm(state.overlayFolder(of, name), { recursive: true, force: true }),
    };
  }
}

/** Whoever waits has waited. */
function hasteningClock(): Clock {
  let aheadMs = 0;
  return {
    now: () => new Date(systemClock.now().getTime() + aheadMs),
    monotonicMs: () => systemClock.monotonicMs() + aheadMs,
    sleep: async (ms) => {
      aheadMs += ms;
    },
  };
}
