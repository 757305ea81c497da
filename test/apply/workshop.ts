import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { World } from '../../lab/sim/world.js';
import { applyPlan } from '../../src/apply/apply-plan.js';
import type { ApplyEvent } from '../../src/apply/handler.js';
import { lookAtHosts } from '../../src/apply/look-at-hosts.js';
import { lookAtPrivileges } from '../../src/apply/look-at-privileges.js';
import type { Looks } from '../../src/apply/looks.js';
import type { MigrationOutcome } from '../../src/apply/migration-outcome.js';
import type { ApplyTools } from '../../src/apply/run-migration.js';
import type { ApprovalRules, TimeRules } from '../../src/apply/time-rules.js';
import type { Converter } from '../../src/contracts/converter.js';
import type { DataPlane, NbdEndpoint } from '../../src/contracts/data-plane.js';
import type { SourceProvider } from '../../src/contracts/source-provider.js';
import type { TargetProvider } from '../../src/contracts/target-provider.js';
import type { DesiredMigration } from '../../src/model/desired.js';
import { runId } from '../../src/model/ids.js';
import type { CheckId } from '../../src/plan/checks/check-table.js';
import { factsOf } from '../../src/plan/file/facts.js';
import { makePlanFile, type PlanFile } from '../../src/plan/file/plan-file.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import type { StateBackend } from '../../src/state/backend/state-backend.js';
import { observe, type Providers } from '../../src/state/observe.js';
import { StateFolder } from '../../src/state/state-folder.js';
import { decodeRecord } from '../../src/state/sync-record-codec.js';
import { noteText } from '../../src/views/apply/note-text.js';
import { named } from '../plan/sample-plan.js';
import { MovingClock } from './moving-clock.js';

/** Several VMs, each in a world of its own, one state folder, and everything that apply works with. */
export class Workshop {
  readonly clock = new MovingClock();
  readonly events: ApplyEvent[] = [];
  readonly abort = new AbortController();
  readonly worlds = new Map<string, World>();
  readonly desired = new Map<string, DesiredMigration>();
  /** Replaces parts of a provider, for what a simulator does not do by itself. */
  sourceOver: Partial<SourceProvider> = {};
  targetOver: Partial<TargetProvider> = {};
  dataPlaneOver: Partial<DataPlane> = {};
  /** A machine that has everything. */
  looks: Looks = {
    privileges: lookAtPrivileges,
    programs: async () => [],
    reader: async () => [],
    writer: async () => [],
    'windows-drivers': async () => [],
    'conversion-host': lookAtHosts,
  };
  /** Checks, as they ran. */
  readonly ran: CheckId[] = [];
  /** Nothing is forbidden at any time. */
  timeRules: TimeRules = () => [];
  /** Nothing has to be approved. */
  approvalRules: ApprovalRules = () => [];
  converterOver: Partial<Converter> = {};
  private runs = 0;

  private constructor(readonly state: StateFolder) {}

  /** Without a backend the folder is all of the state. */
  static async open(backend?: StateBackend): Promise<Workshop> {
    const root = await mkdtemp(join(tmpdir(), 'migplan-apply-test-'));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    return new Workshop(await (await StateFolder.open(root, backend)).prepare());
  }

  add(name: string, over: Partial<DesiredMigration> = {}, disks = 1): World {
    const world = new World(this.worlds.size + 1, disks);
    this.worlds.set(name, world);
    const source = { provider: name, vm: { kind: 'path', path: `/DC/vm/${name}` } } as const;
    const target = { ...(over.target ?? {}), provider: name };
    this.desired.set(`vm/${name}`, named(name, { verify: 'full', ...over, source, target }));
    return world;
  }

  change(name: string, over: Partial<DesiredMigration>): void {
    const address = `vm/${name}`;
    this.desired.set(address, { ...this.desired.get(address)!, ...over, target: { ...over.target, provider: name } });
  }

  readonly providers: Providers = {
    source: (name) => {
      const { provider } = this.worlds.get(name)!.vm;
      const reader: SourceProvider['reader'] = async (...asked) => ({ ...(await provider.reader(...asked)), program: name });
      return { ...provider, reader, ...this.sourceOver };
    },
    target: (name) => {
      const { provider } = this.worlds.get(name)!.cloud;
      const connect: TargetProvider['connect'] = async (volume, attachment) => ({
        ...(await provider.connect(volume, attachment)),
        block: { driver: 'file', path: `${name}/${volume}` },
      });
      return { ...provider, connect, ...this.targetOver };
    },
  };

  async plan(): Promise<PlanFile> {
    const desired = [...this.desired.values()];
    const observed = await observe(desired, this.providers, this.state);
    const entries = desired.map((migration, index) => {
      const { actions, diagnostics, notes } = planMigration(migration, observed[index]!, { now: this.clock.now() });
      const { source } = observed[index]!;
      return {
        address: migration.address,
        name: migration.name,
        phase: migration.phase,
        file: migration.file,
        disks: source.kind === 'found' ? source.vm.disks.map(({ key }) => key) : [],
        actions,
        diagnostics,
        notes,
        facts: factsOf(migration, observed[index]!),
      };
    });
    const createdAt = this.clock.now().toISOString();
    return makePlanFile(
      {
        id: `plan-${createdAt}`,
        createdAt,
        createdBy: 'x',
        version: '0',
        configDigest: '',
        files: [],
        targets: [],
        selected: [],
      },
      entries,
    );
  }

  async apply(
    plan: PlanFile,
    over: Partial<ApplyTools> & { readonly parallelism?: number; readonly lockTimeoutMs?: number } = {},
  ): Promise<MigrationOutcome[]> {
    const { parallelism = 2, lockTimeoutMs = 0, ...tools } = over;
    return applyPlan({
      plan,
      desired: this.desired,
      state: this.state,
      parallelism,
      lockTimeoutMs,
      approvalRules: this.approvalRules,
      tools: { ...this.tools(), ...tools },
    });
  }

  /** Each world has one of its own: readers and blocks say which. */
  private dataPlane(): DataPlane {
    const worldOf = new WeakMap<NbdEndpoint, World>();
    const opened = async (name: string, open: (world: World) => Promise<NbdEndpoint>): Promise<NbdEndpoint> => {
      const world = this.worlds.get(name)!;
      const endpoint = await open(world);
      worldOf.set(endpoint, world);
      return endpoint;
    };
    const plane = (endpoint: NbdEndpoint): DataPlane => worldOf.get(endpoint)!.dataPlane;
    return {
      openSource: (reader, size) =>
        opened('program' in reader ? reader.program : reader.block.driver, (world) => world.dataPlane.openSource(reader, size)),
      openTarget: (block, size) => {
        if (block.driver !== 'file') throw new Error('the simulated cloud hands out files');
        const [name, path] = block.path.split('/') as [string, string];
        return opened(name, (world) => world.dataPlane.openTarget({ ...block, path }, size));
      },
      cutOff: (block) => Promise.resolve(block.driver !== 'file'),
      nonZeroExtents: (endpoint) => plane(endpoint).nonZeroExtents(endpoint),
      copy: (job) => plane(job.target).copy(job),
      firstDifference: (comparison) => plane(comparison.source).firstDifference(comparison),
      ...this.dataPlaneOver,
    };
  }

  /** What one process works with. */
  tools(): ApplyTools {
    const first = [...this.worlds.values()][0]!;
    const worldOf = (path: string) => [...this.worlds].find(([name]) => path.includes(`/${name}/`))?.[1] ?? first;
    return {
      providers: this.providers,
      dataPlane: this.dataPlane(),
      converter: {
        convert: (job) => worldOf(job.disks[0]!.overlay).converter.convert(job),
        inspect: (job) => first.converter.inspect(job),
        commit: (disk) => worldOf(disk.overlay).converter.commit(disk),
        hasOverlay: (overlay) => worldOf(overlay).converter.hasOverlay(overlay),
        discard: (overlay) => worldOf(overlay).converter.discard(overlay),
        ...this.converterOver,
      },
      journal: { write: async () => {} },
      clock: this.clock,
      run: runId(`run${String(++this.runs).padStart(9, '0')}`),
      plan: 'plan',
      lineage: this.state.lineage,
      hostName: 'host',
      settings: { batchBytes: 3, repairBytes: 1, transfersMax: 2 },
      checking: {
        looks: this.looks,
        observeAgain: async (desired) => (await observe([desired], this.providers, this.state))[0]!,
        ran: (id) => this.ran.push(id),
      },
      timeRules: this.timeRules,
      overlayFolder: (run, name) => this.state.overlayFolder(run, name),
      forgetOverlays: async () => {},
      emit: (event) => this.events.push(event),
      signal: this.abort.signal,
    };
  }

  /** `name: state` of every volume. */
  states(name: string): string[] {
    return [...this.worlds.get(name)!.cloud.volumes.values()].map((volume) => {
      const reading = decodeRecord(volume.metadata);
      return reading.kind === 'record' ? reading.record.state.kind : reading.kind;
    });
  }

  get notes(): string[] {
    return this.events.flatMap((event) => (event.type === 'note' ? [noteText(event.note)] : []));
  }

  get begun(): string[] {
    return this.events.flatMap((event) => (event.type === 'action-start' ? [`${event.address} ${event.action.kind}`] : []));
  }
}

export const told = (outcomes: readonly MigrationOutcome[]): string[] =>
  outcomes.map(({ address, result, diagnostics, bug }) =>
    [address, result, ...diagnostics.map(({ code }) => code), ...(bug === undefined ? [] : [`bug ${String(bug)}`])].join(' '),
  );
