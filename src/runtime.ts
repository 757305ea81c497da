import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Looks } from './apply/looks.js';
import type { Checking } from './apply/point-of-no-return.js';
import type { ApplyTools } from './apply/run-migration.js';
import type { ProviderIdentity } from './contracts/provider.js';
import type { SourceProvider } from './contracts/source-provider.js';
import type { TargetProvider } from './contracts/target-provider.js';
import { DiagnosticsError, hasErrors } from './diag/diagnostic.js';
import { exitCodes } from './diag/exit-codes.js';
import { withholdFromChildren } from './host/child-environment.js';
import { systemClock } from './host/clock.js';
import { ProgramFinder } from './host/program.js';
import { openRunFolder, type RunFolder } from './host/run-folder.js';
import { Secret } from './host/secret.js';
import { machineLooks } from './machine-looks.js';
import type { SettingsOptions } from './manifest/environment/settings.js';
import { type LoadedProject, loadProject } from './manifest/load.js';
import { machineTypeKnowledge } from './manifest/project/machine-type-knowledge.js';
import type { ProjectConfig, ProviderConfig } from './manifest/project/project-config.js';
import { resolveSecret, type SecretRef } from './manifest/project/secret-ref.js';
import { withholdWebhook } from './manifest/project/withhold-webhook.js';
import type { DesiredMigration } from './model/desired.js';
import type { RunId } from './model/ids.js';
import { type MachineTypeKnowledge, nothingKnown } from './model/machine-types/knowledge.js';
import { own } from './model/own.js';
import { isTargetType, type ProviderType } from './model/provider-types.js';
import { type OpeningContext, openSource, openTarget } from './open-provider.js';
import { openBackend } from './open-state.js';
import { VERIFY_BLOCK_BYTES } from './plan/sync/verification.js';
import type { StateBackend } from './state/backend/state-backend.js';
import { openJournal } from './state/journal.js';
import { readMachineTypeAnswers } from './state/machine-type-answers.js';
import { observe, type Providers } from './state/observe.js';
import { chosenFolder, StateFolder } from './state/state-folder.js';

export { role as vcenterRole } from './providers/vmware/role.js';

type Environment = Readonly<Record<string, string | undefined>>;

export interface RuntimeOptions extends SettingsOptions {
  readonly cwd: string;
  readonly projectFile?: string;
  readonly env: Environment;
  /** Whether a project without any manifest is an error. Default true. */
  readonly needsManifests?: boolean;
}

/** What the loader says of the settings of a saved plan. Other mistakes are mostly what follows from it. */
const PLAN_REFUSED: readonly string[] = ['MP3006', 'MP3030'];

/**
 * The composition root: with open-provider.ts the one place that names concrete providers and gives them their configuration. What is
 * protected is what a simulated world puts its own in place of.
 */
export class Runtime implements AsyncDisposable {
  /** What was found on this machine, asked once each. */
  readonly programs: ProgramFinder = new ProgramFinder();
  private readonly sources = new Map<string, SourceProvider>();
  private readonly targets = new Map<string, TargetProvider>();
  private readonly stack: AsyncDisposable[] = [];
  private runFolder: Promise<RunFolder> | undefined;
  private backend: Promise<StateBackend> | undefined;
  private machine: Looks | undefined;

  protected constructor(
    readonly loaded: LoadedProject,
    readonly project: ProjectConfig,
    protected readonly env: Environment,
  ) {}

  /**
   * Throws DiagnosticsError with everything that is wrong in the project's files; where they no longer know what a saved plan was made
   * with, with that alone, and the exit code of a refused plan.
   */
  static async open({ projectFile, needsManifests = true, ...options }: RuntimeOptions): Promise<Runtime> {
    const loaded = await loadProject({ ...options, ...(projectFile === undefined ? {} : { projectFile }) });
    const problems = loaded.diagnostics.filter(({ code }) => needsManifests || code !== 'MP1014');
    const refusals = problems.filter(({ code }) => PLAN_REFUSED.includes(code));
    if (refusals.length > 0) throw new DiagnosticsError(refusals, { exit: exitCodes.planRefused });
    if (hasErrors(problems) || loaded.project === undefined) throw new DiagnosticsError(problems);
    refuseUnavailable(loaded.project);
    if (loaded.project.notify !== undefined) withholdWebhook(loaded.project.notify);
    return new Runtime(loaded, loaded.project, options.env);
  }

  /** What has to be tried out on this machine. */
  get looks(): Looks {
    this.machine ??= machineLooks(this.programs, async (needs) => {
      const { needsPreflight } = await import('./transfer/index.js');
      return needsPreflight(this.programs, () => this.socketFolder(), this.project.limits.rateFile)(needs);
    });
    return this.machine;
  }

  /** `.migplan/` of the project, or MIGPLAN_DATA_DIR, with the backend that the Project names. */
  async state(): Promise<StateFolder> {
    const root = resolve(this.project.folder, chosenFolder(this.env));
    return StateFolder.open(root, await this.stateBackend(root));
  }

  /** One for the whole run: it knows which locks the run has. It is closed last. */
  private stateBackend(root: string): Promise<StateBackend> {
    this.backend ??= this.openBackend(root).then((backend) => {
      this.stack.unshift(backend);
      return backend;
    });
    return this.backend;
  }

  protected openBackend(root: string): Promise<StateBackend> {
    return openBackend(this.project.state, {
      folder: root,
      env: this.env,
      secret: (ref, kind) => this.secret(ref, kind),
    });
  }

  /** Opens what the migrations name and nothing else; logs in, so that wrong credentials show here. */
  async providers(migrations: readonly DesiredMigration[]): Promise<Providers> {
    for (const name of new Set(migrations.map(({ source }) => source.provider))) await this.source(name);
    const targets = new Set(migrations.map(({ target }) => target.provider));
    for (const name of targets) await this.target(name);
    const machineTypes = await this.machineTypes([...targets]);
    return {
      source: (name) => this.sources.get(name)!,
      target: (name) => this.targets.get(name)!,
      machineTypes: (name) => machineTypes.get(name) ?? nothingKnown,
    };
  }

  /** What the Project says, and what was probed, of the machine types of each cloud among `names`. */
  async machineTypes(names: readonly string[]): Promise<Map<string, MachineTypeKnowledge>> {
    const state = await this.state();
    const known = new Map<string, MachineTypeKnowledge>();
    for (const name of names) {
      const config = own(this.project.providers, name);
      if (config?.type !== 'openstack') continue;
      const cloud = await (await this.target(name)).identify();
      known.set(name, machineTypeKnowledge(config, await readMachineTypeAnswers(state.machineTypes(cloud), cloud)));
    }
    return known;
  }

  /** A cloud by its name in the Project, as a place where VMs go; undefined when there is none of this name. */
  async cloud(name: string): Promise<TargetProvider | undefined> {
    return this.isTarget(name) ? this.target(name) : undefined;
  }

  /** Clouds of the Project that are neither source nor target of any of its manifests. */
  unusedClouds(): string[] {
    const used = new Set(this.loaded.migrations.flatMap(({ source, target }) => [source.provider, target.provider]));
    return Object.keys(this.project.providers).filter((name) => this.isTarget(name) && !used.has(name));
  }

  async identities(): Promise<Map<string, ProviderIdentity>> {
    return new Map(
      await Promise.all(
        [...this.sources, ...this.targets].map(async ([name, provider]) => [name, await provider.identify()] as const),
      ),
    );
  }

  /** Opens one provider by its name in the Project, in the role its type has most often. */
  provider(name: string): Promise<SourceProvider | TargetProvider> {
    return this.isTarget(name) ? this.target(name) : this.source(name);
  }

  private isTarget(name: string): boolean {
    const type: ProviderType | undefined = own(this.project.providers, name)?.type;
    return type !== undefined && isTargetType(type);
  }

  /** Opens a provider as a place where VMs come from. */
  async source(name: string): Promise<SourceProvider> {
    const config = own(this.project.providers, name)!;
    return this.sources.get(name) ?? this.keep(this.sources, name, await this.openSource(name, config));
  }

  private async target(name: string): Promise<TargetProvider> {
    const config = own(this.project.providers, name)!;
    return this.targets.get(name) ?? this.keep(this.targets, name, await this.openTarget(name, config));
  }

  private keep<P extends AsyncDisposable>(opened: Map<string, P>, name: string, provider: P): P {
    opened.set(name, provider);
    this.stack.push(provider);
    return provider;
  }

  protected openTarget(name: string, config: ProviderConfig): Promise<TargetProvider> {
    return openTarget(config, this.openingContext(name));
  }

  protected openSource(name: string, config: ProviderConfig): Promise<SourceProvider> {
    return openSource(config, this.openingContext(name));
  }

  private openingContext(name: string): OpeningContext {
    return {
      name,
      folder: this.project.folder,
      env: this.env,
      programs: this.programs,
      socketFolder: () => this.socketFolder(),
      secret: (ref, kind) => this.secret(ref, kind),
    };
  }

  /** One for the whole run. It goes last: what has sockets in it is closed before. */
  private async socketFolder(): Promise<string> {
    this.runFolder ??= openRunFolder().then((folder) => {
      this.stack.unshift(folder);
      return folder;
    });
    return (await this.runFolder).path;
  }

  private async secret(ref: SecretRef, kind: 'secret' | 'name' = 'secret'): Promise<Secret> {
    if (ref.kind === 'env') withholdFromChildren(ref.name);
    const resolved = await resolveSecret(ref, this.env);
    if ('diagnostic' in resolved) throw new DiagnosticsError([resolved.diagnostic]);
    return new Secret(resolved.text, kind);
  }

  protected checking(state: StateFolder, providers: Providers): Checking {
    return {
      looks: this.looks,
      observeAgain: async (desired) => (await observe([desired], providers, state))[0]!,
    };
  }

  /** Everything apply works with. The run folder holds sockets and is gone when the runtime is disposed. */
  async tools(
    state: StateFolder,
    providers: Providers,
    run: { readonly id: RunId; readonly plan: string },
  ): Promise<Omit<ApplyTools, 'emit' | 'signal' | 'timeRules'>> {
    const { limits } = this.project;
    const [{ openDataPlane }, { openConverter }] = await Promise.all([
      import('./transfer/index.js'),
      import('./convert/index.js'),
    ]);
    const dataPlane = openDataPlane({
      runFolder: await this.socketFolder(),
      clock: systemClock,
      programs: this.programs,
      ...(limits.rateFile === undefined ? {} : { rateFile: limits.rateFile }),
    });
    this.stack.push(dataPlane);
    return {
      providers,
      dataPlane,
      converter: openConverter({ programs: this.programs }),
      journal: openJournal(state.journalPath(run.id), systemClock),
      clock: systemClock,
      run: run.id,
      plan: run.plan,
      lineage: state.lineage,
      hostName: hostname(),
      checking: this.checking(state, providers),
      settings: { batchBytes: limits.batchBytes, repairBytes: VERIFY_BLOCK_BYTES, transfersMax: limits.transfers },
      overlayFolder: (of, name) => state.overlayFolder(of, name),
      forgetOverlays: (of, name) => rm(state.overlayFolder(of, name), { recursive: true, force: true }),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const disposable of this.stack.toReversed()) {
      try {
        await disposable[Symbol.asyncDispose]();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** What the files may say and this version cannot do is refused before anything is planned on it. */
function refuseUnavailable({ conversionHost, ranges }: ProjectConfig): void {
  if (conversionHost.executor === 'local') return;
  const source = ranges['spec.conversionHost'];
  throw new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP8004',
      detail: `conversion host "${conversionHost.host}": executor "${conversionHost.executor}" is not available in this version`,
      nextSteps: [
        `leave conversionHost out, and let the provider reach its conversion server: access: {type: nova, server: NAME, ssh: {host: ${conversionHost.host}}}`,
        `or run migplan on ${conversionHost.host} itself`,
      ],
      ...(source === undefined ? {} : { source }),
    },
  ]);
}
