import { readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { isMissing } from '../../host/files.js';
import { readInput } from '../../host/read-input.js';
import { loadProject, projectFileName } from '../../manifest/load.js';
import { inState } from '../../state/state-errors.js';
import type { StateFolder } from '../../state/state-folder.js';
import { findRun } from '../runs/find-run.js';
import type { RunRecord } from '../runs/run-record.js';

/** A file that goes into a bundle: where it is, and what it is called there. */
export interface Collected {
  readonly from: string;
  readonly path: string;
}

export interface Collection {
  readonly files: readonly Collected[];
  /** The run it is about. Absent: nothing was applied from here yet. */
  readonly run?: RunRecord;
  /** What somebody may look for in vain. */
  readonly notes: readonly string[];
}

export interface CollectingFrom {
  /** Of the project; it may be broken. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly state: StateFolder;
  /** Name of a run or its beginning; absent: the newest, if there is any. */
  readonly asked?: string;
}

/** Plans of thousands of VMs are smaller. */
const PLAN_BYTES_MAX = 256 * 2 ** 20;

/** All that belongs to a run and its project. Throws DiagnosticsError where a run is named and is not there, or the state cannot be read. */
export async function collect(from: CollectingFrom): Promise<Collection> {
  const run = await runOf(from);
  const project = await projectFiles(from);
  const state = await stateFiles(from.state);
  const ofRun = run === undefined ? [] : await runFiles(from.state, run.run);
  const plan = run && (await planOf(run, from.folder));
  return {
    files: [...project, ...state, ...ofRun, ...(plan ?? [])],
    ...(run && { run }),
    notes: [
      ...(project.length === 0 ? [`there is no ${projectFileName} in the folder`] : []),
      ...(run === undefined ? ['nothing was applied from here yet'] : []),
      ...(run !== undefined && ofRun.length < 2 ? ['the run has no logs: no program was started, or they were old'] : []),
      ...(run !== undefined && plan === undefined ? ['the plan of the run was not saved, or is not where it was'] : []),
    ],
  };
}

async function runOf({ state, asked }: CollectingFrom): Promise<RunRecord | undefined> {
  if (asked === undefined && (await state.runs()).length === 0) return undefined;
  return findRun(state, asked);
}

async function projectFiles({ folder, env }: CollectingFrom): Promise<Collected[]> {
  const { files, project } = await loadProject({ cwd: folder, env });
  const overlays = Object.values(project?.environments ?? {}).flatMap(({ overlay }) => overlay ?? []);
  const names = new Set([...files.map(({ path }) => path), ...overlays]);
  return [...names].map((name) => ({ from: join(folder, name), path: `project/${name}` }));
}

async function stateFiles({ root }: StateFolder): Promise<Collected[]> {
  const top = (await namesIn(root)).filter((name) => name.endsWith('.json') && !name.includes('/'));
  const below = await Promise.all(['vms', 'plans', 'machine-types'].map(async (name) => filesBelow(root, name)));
  return [...top, ...below.flat()].map((name) => ({ from: join(root, name), path: `state/${name}` }));
}

async function runFiles(state: StateFolder, run: string): Promise<Collected[]> {
  const folder = state.runFolder(run);
  const logs = await filesBelow(folder, 'logs');
  return ['journal.ndjson', ...logs].map((name) => ({ from: join(folder, name), path: `run/${name}` }));
}

const filesBelow = async (root: string, name: string): Promise<string[]> =>
  (await namesIn(join(root, name))).map((inner) => `${name}/${inner}`);

/** Regular files only, with their way from the folder. */
const namesIn = (folder: string): Promise<string[]> =>
  inState(folder, async () => {
    try {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  });

/** The file that the run was called with, if it still holds the plan that the run was of. */
async function planOf({ command = [], plan, folder: ranIn }: RunRecord, folder: string): Promise<Collected[] | undefined> {
  if (plan === undefined) return undefined;
  const places = command
    .filter((word) => !word.startsWith('-'))
    .flatMap((word) => [resolve(ranIn ?? folder, word), resolve(folder, word)]);
  for (const place of new Set(places)) if ((await planIdIn(place)) === plan.id) return [{ from: place, path: 'run/plan.json' }];
  return undefined;
}

async function planIdIn(path: string): Promise<unknown> {
  try {
    const file = JSON.parse((await readInput(path, { bytesMax: PLAN_BYTES_MAX })).toString('utf8')) as {
      plan?: { id?: unknown };
    } | null;
    return file?.plan?.id;
  } catch {
    return undefined;
  }
}
