import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProviderIdentity } from '../contracts/provider.js';
import { isMissing } from '../host/files.js';
import { removeAbandoned } from '../host/passing-file.js';
import { LocalBackend } from './backend/local-backend.js';
import { fileName } from './backend/spell.js';
import { type ListedLock, RUN_INDEX, type StateBackend, type StateDocument, type StateLock } from './backend/state-backend.js';
import { isCopied, locationFile, writeLocation } from './folder-location.js';
import type { LocalState } from './local-state.js';
import { mayLive } from './lock.js';
import { cloudHash } from './machine-type-answers.js';
import { privateFolder } from './private-folder.js';
import { inState } from './state-errors.js';
import { forgetRuns, type LedgerEntries, readLedger, withoutRuns } from './vm-ledger.js';

/** Progress of one saved plan. */
export interface PlanProgress {
  readonly plan: string;
  readonly startedAt: string;
  /** Addresses of migrations that were begun, and of those that reached their end. */
  readonly begun: readonly string[];
  readonly done: readonly string[];
  readonly completedAt?: string;
  readonly by: string;
}

/** What a pipeline leaves empty is not set: the folder of the project itself would be full of state. */
export const chosenFolder = (env: Readonly<Record<string, string | undefined>>): string => env['MIGPLAN_DATA_DIR'] || '.migplan';

/** A run an hour for a month. */
const RUNS_KEPT = 750;

/**
 * The state of a project: what every machine must know is in its backend, what belongs to this one in `.migplan/`. All of it can be lost;
 * volumes and vCenter hold the truth. What is lost then are estimates, the knowledge of leftovers, and a conversion whose overlay was
 * being committed.
 *
 *   place.json              where the folder was written
 *   runs/RUN/journal.ndjson, runs/RUN/overlays/NAME/KEY.qcow2
 *   runs/RUN/logs/NAME/     what programs said (run-logs.ts)
 */
export class StateFolder implements LocalState {
  private looking: Promise<readonly { readonly run: string; readonly names: readonly string[] }[]> | undefined;

  private constructor(
    readonly root: string,
    readonly backend: StateBackend,
    /** '' for a copy of a local one as well: the runs of its lineage may be alive where it was copied from. */
    readonly lineage: string,
    private readonly isCopy: boolean,
  ) {}

  /** The folder may be anywhere; without a backend all is in it. */
  static async open(root: string, backend: StateBackend = new LocalBackend(root)): Promise<StateFolder> {
    const lineage = await backend.lineage();
    const isLocal = backend instanceof LocalBackend;
    const isCopy = (lineage !== '' || !isLocal) && (await inState(locationFile(root), () => isCopied(root)));
    return new StateFolder(root, backend, isCopy && isLocal ? '' : lineage, isCopy);
  }

  /** Locks that others can see prove who is alive, wherever this folder comes from. */
  get copied(): string | undefined {
    return this.isCopy && this.backend instanceof LocalBackend ? locationFile(this.root) : undefined;
  }

  get isShared(): boolean {
    return !(this.backend instanceof LocalBackend);
  }

  async liveRuns(): Promise<ReadonlySet<string>> {
    const living = await Promise.all((await this.backend.locks()).map(runOf));
    return new Set(living.flat());
  }

  /** Before the first effect: planning alone leaves nothing behind. A copy becomes a folder of its own. `named`: the lineage of one that has none. */
  async prepare(named?: string): Promise<StateFolder> {
    await inState(this.root, async () => {
      for (const name of ['', RUNS]) await privateFolder(join(this.root, name));
      for (const name of ['', RUNS]) await removeAbandoned(join(this.root, name));
      if (this.isCopy) await this.becomeOwn();
    });
    const lineage = await this.backend.prepare(named);
    await inState(this.root, () => writeLocation(this.root));
    return new StateFolder(this.root, this.backend, lineage, false);
  }

  /**
   * Estimates are kept. What runs of the original hold is not ours, and neither are their overlays, which may have been copied
   * in the middle of a conversion. The place is written last: until then it is a copy still.
   */
  private async becomeOwn(): Promise<void> {
    if (this.backend instanceof LocalBackend) {
      for (const name of await this.backend.list('vms')) await forgetRuns(this.ledger(name));
    }
    await rename(join(this.root, RUNS), join(this.root, `runs.copied-${randomUUID()}`));
    await privateFolder(join(this.root, RUNS));
    if (this.backend instanceof LocalBackend) await this.backend.renew();
  }

  readonly ledger = (name: string): StateDocument => this.backend.document({ kind: 'vms', name });
  /** Who works on the VM. */
  readonly vmLock = (name: string): StateLock => this.backend.lock({ kind: 'vms', name });
  /** Who applies the saved plan. */
  readonly planLock = (plan: string): StateLock => this.backend.lock({ kind: 'plans', name: plan });
  readonly runFolder = (run: string): string => join(this.root, RUNS, fileName(run));
  readonly journalPath = (run: string): string => join(this.runFolder(run), 'journal.ndjson');
  readonly logsFolder = (run: string): string => join(this.runFolder(run), 'logs');
  readonly overlayFolder = (run: string, name: string): string => join(this.runFolder(run), 'overlays', fileName(name));

  async ledgerEntries(name: string): Promise<LedgerEntries> {
    const entries = await readLedger(this.ledger(name));
    return this.copied === undefined ? entries : withoutRuns(entries);
  }

  async runsWithOverlays(name: string): Promise<string[]> {
    if (this.isCopy) return [];
    const wanted = fileName(name);
    const found = (await this.allOverlays()).filter(({ names }) => names.includes(wanted));
    const filled = await Promise.all(
      found.map(async ({ run }) => ((await entriesOf(this.overlayFolder(run, name))).length > 0 ? [run] : [])),
    );
    return filled.flat();
  }

  /** Asked for every VM of a project at once: one look at the runs answers all who ask while it goes on. */
  private allOverlays(): Promise<readonly { readonly run: string; readonly names: readonly string[] }[]> {
    this.looking ??= inState(join(this.root, RUNS), async () => {
      const runs = await entriesOf(join(this.root, RUNS));
      return Promise.all(runs.map(async (run) => ({ run, names: await entriesOf(join(this.runFolder(run), 'overlays')) })));
    }).finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  /** Of every run whose folder is here, in no order. */
  runs(): Promise<string[]> {
    return inState(join(this.root, RUNS), () => entriesOf(join(this.root, RUNS)));
  }

  /** Journals of old runs are for people; the newest are kept. A run whose overlays are still needed is never touched. */
  async forgetOldRuns(): Promise<void> {
    const journals = await Promise.all(
      (await this.allOverlays())
        .filter(({ names }) => names.length === 0)
        .map(async ({ run }) => ({ run, atMs: await changedAt(this.journalPath(run)) })),
    );
    const old = journals.sort((a, b) => b.atMs - a.atMs).slice(RUNS_KEPT);
    for (const { run } of old) await rm(this.runFolder(run), { recursive: true, force: true });
  }

  async readPlanProgress(plan: string): Promise<PlanProgress | undefined> {
    const document = this.planDocument(plan);
    const text = await document.read();
    return text === undefined ? undefined : inState(document.place, async () => asProgress(JSON.parse(text)));
  }

  writePlanProgress(progress: PlanProgress): Promise<void> {
    return this.planDocument(progress.plan).write(`${JSON.stringify(progress, null, 2)}\n`);
  }

  /** Where answers of machine type probes of one cloud are remembered. */
  readonly machineTypes = (cloud: ProviderIdentity): StateDocument =>
    this.backend.document({ kind: 'machine-types', name: cloudHash(cloud) });

  /** Which runs there were, on which machine. */
  get runIndex(): StateDocument {
    return this.backend.document(RUN_INDEX);
  }

  private planDocument(plan: string): StateDocument {
    return this.backend.document({ kind: 'plans', name: plan });
  }
}

const RUNS = 'runs';

/** Of a VM's lock whose holder is heard of, or cannot be looked up. */
async function runOf({ of, held: { holder, lease } }: ListedLock): Promise<string[]> {
  const [, run] = /^apply (\w+)$/.exec(holder?.operation ?? '') ?? [];
  const isUnheard = lease?.freeInMs !== undefined;
  return of.kind === 'vms' && holder !== undefined && run !== undefined && !isUnheard && (await mayLive(holder)) ? [run] : [];
}

function asProgress(value: unknown): PlanProgress {
  const progress = value as Partial<PlanProgress> | null;
  const isList = (list: unknown): boolean => Array.isArray(list) && list.every((entry) => typeof entry === 'string');
  if (!isList(progress?.begun) || !isList(progress?.done) || typeof progress?.plan !== 'string')
    throw new SyntaxError('it is not the progress of a plan');
  return progress as PlanProgress;
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function changedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}
