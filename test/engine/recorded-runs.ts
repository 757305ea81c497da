import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { World } from '../../lab/sim/world.js';
import type { Looks } from '../../src/apply/looks.js';
import type { ApplyTools } from '../../src/apply/run-migration.js';
import type { DataPlane } from '../../src/contracts/data-plane.js';
import type { SourceProvider } from '../../src/contracts/source-provider.js';
import type { TargetProvider } from '../../src/contracts/target-provider.js';
import { type Applied, type ApplyRequest, applySavedPlan } from '../../src/engine/apply-saved-plan.js';
import { makePlan } from '../../src/engine/make-plan.js';
import { ProgramFinder } from '../../src/host/program.js';
import { loadProject } from '../../src/manifest/load.js';
import type { PlanFile } from '../../src/plan/file/plan-file.js';
import { Runtime } from '../../src/runtime.js';
import type { Providers } from '../../src/state/observe.js';
import type { StateFolder } from '../../src/state/state-folder.js';
import { noteText } from '../../src/views/apply/note-text.js';
import { migrationText, projectText } from '../manifest/in-folder.js';

class EveryProgram extends ProgramFinder {
  override async preflight(): Promise<[]> {
    return [];
  }
}

/** A project of one VM in a simulated world, whose runs leave real journals in a real state folder. */
export class RecordedRuntime extends Runtime {
  override readonly programs = new EveryProgram();
  readonly world = new World(1, 2);
  /** Replaces parts of the data plane. */
  dataPlaneOver: Partial<DataPlane> = {};

  /** `spec`: more lines of the Project's, such as where its state is; `more`: of the environment. */
  static async openNew(spec = '', more: Readonly<Record<string, string>> = {}): Promise<RecordedRuntime> {
    const folder = await mkdtemp(join(tmpdir(), 'migplan-runs-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await mkdir(join(folder, 'manifests'));
    await writeFile(join(folder, 'migplan.yaml'), projectText(spec));
    await writeFile(join(folder, 'manifests', 'vm.yaml'), migrationText('web01', '  phase: sync\n  sync: {maxAge: 0s}'));
    const env = { ...more, MIGPLAN_DATA_DIR: join(folder, 'data') };
    const loaded = await loadProject({ cwd: folder, env });
    return new RecordedRuntime(loaded, loaded.project!, env);
  }

  /** A machine that has everything. */
  override get looks(): Looks {
    const nothing = async (): Promise<[]> => [];
    return Object.fromEntries(Object.keys(super.looks).map((look) => [look, nothing])) as unknown as Looks;
  }

  protected override async openSource(): Promise<SourceProvider> {
    return this.world.vm.provider;
  }

  protected override async openTarget(): Promise<TargetProvider> {
    return this.world.cloud.provider;
  }

  override async tools(
    state: StateFolder,
    providers: Providers,
    run: { readonly id: ApplyTools['run']; readonly plan: string },
  ): Promise<Omit<ApplyTools, 'emit' | 'signal' | 'timeRules'>> {
    const tools = await super.tools(state, providers, run);
    const { dataPlane, converter } = this.world;
    return { ...tools, dataPlane: { ...dataPlane, ...this.dataPlaneOver }, converter };
  }

  plan(): Promise<PlanFile> {
    return makePlan(this, { migrations: this.loaded.migrations, selected: [], version: '0' });
  }

  async apply(over: Partial<ApplyRequest> = {}): Promise<Applied> {
    return applySavedPlan({
      runtime: this,
      plan: over.plan ?? (await this.plan()),
      isSaved: true,
      unapproved: [],
      parallelism: 1,
      signal: new AbortController().signal,
      stoppedExit: () => 130,
      invocation: { version: '0.0.1', command: ['migplan', 'apply', 'plan.json'] },
      emit: () => undefined,
      wordsOf: noteText,
      onOutcome: () => undefined,
      ...over,
    });
  }
}
