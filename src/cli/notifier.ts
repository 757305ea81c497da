import type { MigrationOutcome } from '../apply/migration-outcome.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import { undelivered } from '../engine/notify/undelivered.js';
import { stateIn } from '../engine/runs/find-run.js';
import { withoutSecrets } from '../host/secret.js';
import type { SettingsOptions } from '../manifest/environment/settings.js';
import type { LoadedProject } from '../manifest/load.js';
import type { PlanFile } from '../plan/file/plan-file.js';

/** Where the project is, for a run that ends before it has read it. */
export interface NotifierPlace {
  readonly cwd: string;
  readonly settings: SettingsOptions;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Ended {
  readonly outcomes: readonly MigrationOutcome[];
  readonly bytes: number;
  readonly run?: string;
}

/** Notes how an apply ends, and tells it at its very end to whoever the Project names, however it ended. */
export class Notifier {
  private readonly beganMs = performance.now();
  private loaded: LoadedProject | undefined;
  private plan: PlanFile | undefined;
  private ended: Ended = { outcomes: [], bytes: 0 };

  constructor(private readonly place: NotifierPlace) {}

  of(loaded: LoadedProject): void {
    this.loaded = loaded;
  }

  on(plan: PlanFile): void {
    this.plan = plan;
  }

  end(ended: Ended): void {
    this.ended = ended;
  }

  /** `diagnostics`: why the run ended as a whole. Never throws: gives what could not be told. */
  async tell(exit: number, diagnostics: readonly Diagnostic[]): Promise<Diagnostic[]> {
    try {
      return await this.notify(exit, diagnostics);
    } catch (error) {
      return [undelivered(`nobody was told: ${withoutSecrets(error instanceof Error ? error.message : String(error))}`)];
    }
  }

  private async notify(exit: number, diagnostics: readonly Diagnostic[]): Promise<Diagnostic[]> {
    const { project, settings } = this.loaded ?? (await this.load());
    if (project?.notify === undefined) return [];
    const { version, env } = this.place;
    const { environment } = settings;
    const plan = this.plan && { id: this.plan.plan.id, digest: this.plan.digest };
    const seconds = (performance.now() - this.beganMs) / 1000;
    const { notify } = await import('../engine/notify/notify.js');
    return notify({
      config: project.notify,
      ended: { ...this.ended, exit, diagnostics, seconds, ...(plan && { plan }) },
      project: project.name,
      ...(environment !== undefined && { environment }),
      version,
      env,
      state: await stateIn(project.folder, env),
    });
  }

  /** A manifest that is wrong, or a plan that is refused before the project is read, is what somebody has to hear of, too. */
  private async load(): Promise<LoadedProject> {
    const { cwd, settings, env } = this.place;
    const { loadProject } = await import('../manifest/load.js');
    return loadProject({ cwd, env, ...settings });
  }
}
