import { randomUUID } from 'node:crypto';
import { link, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProviderIdentity } from '../contracts/provider.js';
import { writeDurably } from '../host/durable-file.js';
import { isMissing, readIfThere } from '../host/files.js';
import { passingPath, removeAbandoned } from '../host/passing-file.js';
import { isCopied, locationFile, writeLocation } from './folder-location.js';
import type { LocalState } from './local-state.js';
import { cloudHash } from './machine-type-answers.js';
import { privateFolder } from './private-folder.js';
import { inState } from './state-errors.js';
import { forgetRuns, type LedgerEntries, readLedger, withoutRuns } from './vm-ledger.js';

/** Progress of one saved plan on this machine. */
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

interface StateFile {
  readonly version: 1;
  /** Names this state; snapshots carry it, so that a leftover is known as ours. */
  readonly lineage: string;
}

/**
 * `.migplan/` of a project: all of it can be lost; volumes and vCenter hold the truth. What is lost then are estimates, the
 * knowledge of leftovers, and a conversion whose overlay was being committed.
 *
 *   state.json              lineage                   place.json      where the folder was written
 *   vms/NAME.json           ledger of one VM          vms/NAME.lock   who works on it
 *   plans/ID.json           progress of a saved plan  plans/ID.lock   who applies it
 *   machine-types/HASH.json answers of probes, by cloud
 *   runs/RUN/journal.ndjson, runs/RUN/overlays/NAME/KEY.qcow2
 *   runs/RUN/logs/NAME/     what programs said (run-logs.ts)
 */
export class StateFolder implements LocalState {
  private looking: Promise<readonly { readonly run: string; readonly names: readonly string[] }[]> | undefined;

  private constructor(
    readonly root: string,
    /** '' for a copy as well: the runs of its lineage may be alive where it was copied from. */
    readonly lineage: string,
    readonly copied?: string | undefined,
  ) {}

  static async open(root: string): Promise<StateFolder> {
    const path = join(root, 'state.json');
    const lineage = await inState(path, () => readLineage(path));
    const isCopy = lineage !== '' && (await inState(locationFile(root), () => isCopied(root)));
    return isCopy ? new StateFolder(root, '', locationFile(root)) : new StateFolder(root, lineage);
  }

  /** Before the first effect: planning alone leaves nothing behind. A copy becomes a folder of its own. */
  async prepare(): Promise<StateFolder> {
    const path = join(this.root, 'state.json');
    return inState(path, async () => {
      await privateFolder(this.root);
      for (const name of FOLDERS) await privateFolder(join(this.root, name));
      for (const name of ['', ...FOLDERS]) await removeAbandoned(join(this.root, name));
      if (this.copied !== undefined) await this.becomeOwn(path);
      if (this.lineage === '') await writeOnce(path, freshState());
      const lineage = await readLineage(path);
      await writeLocation(this.root);
      return new StateFolder(this.root, lineage);
    });
  }

  /**
   * Estimates are kept. What runs of the original hold is not ours, and neither are their overlays, which may have been copied
   * in the middle of a conversion. The place is written last: until then it is a copy still.
   */
  private async becomeOwn(path: string): Promise<void> {
    for (const name of await entriesOf(this.vmsFolder())) {
      if (name.endsWith('.json')) await forgetRuns(join(this.vmsFolder(), name));
    }
    await rename(join(this.root, 'runs'), join(this.root, `runs.copied-${randomUUID()}`));
    await privateFolder(join(this.root, 'runs'));
    await writeDurably(path, freshState());
  }

  readonly ledgerPath = (name: string): string => join(this.root, 'vms', `${fileName(name)}.json`);
  readonly vmsFolder = (): string => join(this.root, 'vms');
  readonly lockPath = (name: string): string => join(this.root, 'vms', `${fileName(name)}.lock`);
  readonly planLockPath = (plan: string): string => join(this.root, 'plans', `${fileName(plan)}.lock`);
  readonly lockFolders = (): readonly string[] => [this.vmsFolder(), join(this.root, 'plans')];
  readonly runFolder = (run: string): string => join(this.root, 'runs', fileName(run));
  readonly journalPath = (run: string): string => join(this.runFolder(run), 'journal.ndjson');
  readonly logsFolder = (run: string): string => join(this.runFolder(run), 'logs');
  readonly overlayFolder = (run: string, name: string): string => join(this.runFolder(run), 'overlays', fileName(name));

  async ledgerEntries(name: string): Promise<LedgerEntries> {
    const entries = await readLedger(this.ledgerPath(name));
    return this.copied === undefined ? entries : withoutRuns(entries);
  }

  async runsWithOverlays(name: string): Promise<string[]> {
    if (this.copied !== undefined) return [];
    const wanted = fileName(name);
    const found = (await this.allOverlays()).filter(({ names }) => names.includes(wanted));
    const filled = await Promise.all(
      found.map(async ({ run }) => ((await entriesOf(this.overlayFolder(run, name))).length > 0 ? [run] : [])),
    );
    return filled.flat();
  }

  /** Asked for every VM of a project at once: one look at the runs answers all who ask while it goes on. */
  private allOverlays(): Promise<readonly { readonly run: string; readonly names: readonly string[] }[]> {
    this.looking ??= inState(join(this.root, 'runs'), async () => {
      const runs = await entriesOf(join(this.root, 'runs'));
      return Promise.all(runs.map(async (run) => ({ run, names: await entriesOf(join(this.runFolder(run), 'overlays')) })));
    }).finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  /** Of every run whose folder is here, in no order. */
  runs(): Promise<string[]> {
    return inState(join(this.root, 'runs'), () => entriesOf(join(this.root, 'runs')));
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

  readPlanProgress(plan: string): Promise<PlanProgress | undefined> {
    const path = this.planPath(plan);
    return inState(path, async () => {
      const text = await readIfThere(path);
      return text === undefined ? undefined : asProgress(JSON.parse(text));
    });
  }

  writePlanProgress(progress: PlanProgress): Promise<void> {
    const path = this.planPath(progress.plan);
    return inState(path, () => writeDurably(path, `${JSON.stringify(progress, null, 2)}\n`));
  }

  /** Where answers of machine type probes of one cloud are remembered. */
  readonly machineTypesPath = (cloud: ProviderIdentity): string => join(this.root, 'machine-types', `${cloudHash(cloud)}.json`);

  private planPath(plan: string): string {
    return join(this.root, 'plans', `${fileName(plan)}.json`);
  }
}

const FOLDERS = ['vms', 'plans', 'runs', 'machine-types'] as const;

function freshState(): string {
  const state: StateFile = { version: 1, lineage: randomUUID() };
  return `${JSON.stringify(state)}\n`;
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

/** '' when there is no state yet. */
async function readLineage(path: string): Promise<string> {
  const text = await readIfThere(path);
  if (text === undefined) return '';
  const lineage = (JSON.parse(text) as Partial<StateFile> | null)?.lineage;
  if (typeof lineage !== 'string' || lineage === '') throw new SyntaxError('it names no lineage');
  return lineage;
}

/** Of two processes that begin at the same time the first one's content stays, complete from its first instant. */
async function writeOnce(path: string, content: string): Promise<void> {
  const aside = await passingPath(path);
  try {
    await writeDurably(aside, content);
    await link(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
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

/** Names come from manifests and plan files; none of them may leave the folder. */
const fileName = (name: string): string => encodeURIComponent(name).replace(/\./g, '%2E');
