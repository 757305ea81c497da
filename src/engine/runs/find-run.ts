import { resolve } from 'node:path';
import { DiagnosticsError } from '../../diag/diagnostic.js';
import { chosenFolder, StateFolder } from '../../state/state-folder.js';
import { newestRuns, readRun } from './read-runs.js';
import type { RunRecord } from './run-record.js';

/** The state of a project by its folder alone: what happened can be looked at although a manifest is broken meanwhile. */
export const stateIn = (folder: string, env: Readonly<Record<string, string | undefined>>): Promise<StateFolder> =>
  StateFolder.open(resolve(folder, chosenFolder(env)));

/**
 * A run by its name, or as much of it as only one has; without a name the newest. DiagnosticsError MP3040: there is none, or there are
 * several.
 */
export async function findRun(state: StateFolder, asked?: string): Promise<RunRecord> {
  if (asked === undefined) {
    const [newest] = (await newestRuns(state, 1)).runs;
    return (
      newest ??
      refuse(`nothing was applied from here yet: there is no run in ${state.root}`, [
        'save a plan and apply it: migplan plan --out plan.json && migplan apply plan.json',
      ])
    );
  }
  const exact = await readRun(state, asked);
  if (exact !== undefined) return exact;
  const [run, ...others] = (await state.runs()).filter((name) => asked !== '' && name.startsWith(asked)).sort();
  if (run === undefined) return refuse(`there is no run "${asked}" in ${state.root}`);
  if (others.length > 0) return refuse(`"${asked}" is the beginning of several runs: ${someOf([run, ...others])}`);
  return (await readRun(state, run)) ?? refuse(`the run "${run}" left no journal`);
}

/** Hundreds of runs are kept. */
const NAMED_MAX = 10;

function someOf(runs: readonly string[]): string {
  const named = runs.slice(0, NAMED_MAX).join(', ');
  return runs.length > NAMED_MAX ? `${named} and ${runs.length - NAMED_MAX} more` : named;
}

function refuse(detail: string, nextSteps: readonly string[] = ['see which there are: migplan runs list']): never {
  throw new DiagnosticsError([{ severity: 'error', code: 'MP3040', detail, nextSteps }]);
}
