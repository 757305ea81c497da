import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../host/durable-file.js';
import type { RunId } from '../model/ids.js';
import type { ProviderIdentity } from '../providers/provider.js';
import type { LocalState } from './local-state.js';
import { cloudHash } from './machine-type-answers.js';
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
 *   machine-types/HASH.json answers of probes, by cloud
 *   runs/RUN/journal.ndjson, runs/RUN/overlays/NAME/KEY.qcow2
 */
export class StateFolder implements LocalState {
  private constructor(
    readonly root: string,
    readonly lineage: string,
  ) {}

  static async open(root: string): Promise<StateFolder> {
    const path = join(root, 'state.json');
    try {
      const state = JSON.parse(await readFile(path, 'utf8')) as StateFile;
      return new StateFolder(root, state.lineage);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return new StateFolder(root, '');
    }
  }

  /** Before the first effect: planning alone leaves nothing behind. */
  async prepare(): Promise<StateFolder> {
    if (this.lineage !== '') return this;
    await mkdir(this.root, { recursive: true, mode: 0o700 });
    const state: StateFile = { version: 1, lineage: randomUUID() };
    await writeDurably(join(this.root, 'state.json'), `${JSON.stringify(state)}\n`);
    return new StateFolder(this.root, state.lineage);
  }

  readonly ledgerPath = (name: string): string => join(this.root, 'vms', `${fileName(name)}.json`);
  readonly lockPath = (name: string): string => join(this.root, 'vms', `${fileName(name)}.lock`);
  readonly runFolder = (run: string): string => join(this.root, 'runs', run);
  readonly journalPath = (run: RunId): string => join(this.runFolder(run), 'journal.ndjson');
  readonly overlayFolder = (run: string, name: string): string => join(this.runFolder(run), 'overlays', fileName(name));

  holdings(name: string): Promise<VmHoldings> {
    return readHoldings(this.ledgerPath(name));
  }

  async runsWithOverlays(name: string): Promise<string[]> {
    const runs = await entriesOf(join(this.root, 'runs'));
    const found = await Promise.all(
      runs.map(async (run) => ((await entriesOf(this.overlayFolder(run, name))).length > 0 ? [run] : [])),
    );
    return found.flat();
  }

  async readPlanProgress(plan: string): Promise<PlanProgress | undefined> {
    try {
      return JSON.parse(await readFile(this.planPath(plan), 'utf8')) as PlanProgress;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  writePlanProgress(progress: PlanProgress): Promise<void> {
    return writeDurably(this.planPath(progress.plan), `${JSON.stringify(progress, null, 2)}\n`);
  }

  /** Where answers of machine type probes of one cloud are remembered. */
  readonly machineTypesPath = (cloud: ProviderIdentity): string => join(this.root, 'machine-types', `${cloudHash(cloud)}.json`);

  private planPath(plan: string): string {
    return join(this.root, 'plans', `${fileName(plan)}.json`);
  }
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Names come from manifests and plan files; none of them may leave the folder. */
const fileName = (name: string): string => encodeURIComponent(name).replace(/\./g, '%2E');
