import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../host/durable-file.js';
import type { LocalState } from './local-state.js';
import { inState } from './state-trouble.js';
import { readHoldings, type VmHoldings } from './vm-ledger.js';

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
 *   state.json              lineage
 *   vms/NAME.json           ledger of one VM          vms/NAME.lock   who works on it
 *   plans/ID.json           progress of a saved plan
 *   runs/RUN/journal.ndjson, runs/RUN/overlays/NAME/KEY.qcow2
 */
export class StateFolder implements LocalState {
  private looking: Promise<readonly { readonly run: string; readonly names: readonly string[] }[]> | undefined;

  private constructor(
    readonly root: string,
    readonly lineage: string,
  ) {}

  static async open(root: string): Promise<StateFolder> {
    const path = join(root, 'state.json');
    return new StateFolder(root, await inState(path, () => readLineage(path)));
  }

  /** Before the first effect: planning alone leaves nothing behind. */
  async prepare(): Promise<StateFolder> {
    if (this.lineage !== '') return this;
    const path = join(this.root, 'state.json');
    return inState(path, async () => {
      await mkdir(this.root, { recursive: true, mode: 0o700 });
      const state: StateFile = { version: 1, lineage: randomUUID() };
      await writeOnce(path, `${JSON.stringify(state)}\n`);
      return new StateFolder(this.root, await readLineage(path));
    });
  }

  readonly ledgerPath = (name: string): string => join(this.root, 'vms', `${fileName(name)}.json`);
  readonly lockPath = (name: string): string => join(this.root, 'vms', `${fileName(name)}.lock`);
  readonly runFolder = (run: string): string => join(this.root, 'runs', fileName(run));
  readonly journalPath = (run: string): string => join(this.runFolder(run), 'journal.ndjson');
  readonly overlayFolder = (run: string, name: string): string => join(this.runFolder(run), 'overlays', fileName(name));

  holdings(name: string): Promise<VmHoldings> {
    return readHoldings(this.ledgerPath(name));
  }

  async runsWithOverlays(name: string): Promise<string[]> {
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
      const text = await textOf(path);
      return text === undefined ? undefined : (JSON.parse(text) as PlanProgress);
    });
  }

  writePlanProgress(progress: PlanProgress): Promise<void> {
    const path = this.planPath(progress.plan);
    return inState(path, () => writeDurably(path, `${JSON.stringify(progress, null, 2)}\n`));
  }

  private planPath(plan: string): string {
    return join(this.root, 'plans', `${fileName(plan)}.json`);
  }
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** '' when there is no state yet. */
async function readLineage(path: string): Promise<string> {
  const text = await textOf(path);
  if (text === undefined) return '';
  const { lineage } = JSON.parse(text) as Partial<StateFile>;
  if (typeof lineage !== 'string' || lineage === '') throw new SyntaxError('it names no lineage');
  return lineage;
}

/** Of two processes that begin at the same time the first one's content stays, complete from its first instant. */
async function writeOnce(path: string, content: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
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
