import { resolve } from 'node:path';
import { DiagnosticsError } from '../../diag/diagnostic.js';
import { chosenFolder, StateFolder } from '../../state/state-folder.js';
import type { OtherRuns } from './other-runs.js';
import { newestRuns, readRun } from './read-runs.js';
import type { RunRecord } from './run-record.js';
import type { RunElsewhere } from './runs-elsewhere.js';

/** The state of a project by its folder alone: what happened can be looked at although a manifest is broken meanwhile. */
export const stateIn = (folder: string, env: Readonly<Record<string, string | undefined>>): Promise<StateFolder> =>
  StateFolder.open(resolve(folder, chosenFolder(env)));

/**
 * A run by its name, or as much of it as only one has; without a name the newest. DiagnosticsError MP3040: there is none, there are
 * several, or its journal is on another machine. `others` is asked where none of here is called so.
 */
export async function findRun(
  state: StateFolder,
  asked?: string,
  others: () => Promise<OtherRuns> = async () => ({ runs: [] }),
): Promise<RunRecord> {
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
  const [run, ...more] = (await state.runs()).filter((name) => asked !== '' && name.startsWith(asked)).sort();
  if (run === undefined) return refuseElsewhere(state, asked, await others());
  if (more.length > 0) return refuse(`"${asked}" is the beginning of several runs: ${someOf([run, ...more])}`);
  return (await readRun(state, run)) ?? refuse(`the run "${run}" left no journal`);
}

/** What is known of it by those who see the state is in the list of runs; all else stands in its journal. */
function refuseElsewhere(state: StateFolder, asked: string, { runs, trouble }: OtherRuns): never {
  const called = runs.filter(({ run }) => asked !== '' && run.startsWith(asked));
  const [first, ...more] = called.some(({ run }) => run === asked) ? called.filter(({ run }) => run === asked) : called;
  if (first !== undefined && more.length === 0) return refuseOf(first);
  const names = called.map(({ run }) => run).sort();
  if (names.length > 0) return refuse(`"${asked}" is the beginning of several runs: ${someOf(names)}`);
  const besides = trouble === undefined ? '' : `, and ${trouble.detail}`;
  return refuse(`there is no run "${asked}" in ${state.root}${besides}`, [...(trouble?.nextSteps ?? []), SEE]);
}

const refuseOf = ({ run, process: { host }, folder }: RunElsewhere): never =>
  refuse(`run ${run} was made on ${host}, in ${folder}: its journal and its logs are there, and not on this machine`, [
    `in that folder of ${host}: migplan runs show ${run}`,
    'see when it ran and how it ended: migplan runs list',
  ]);

const SEE = 'see which there are: migplan runs list';

/** Hundreds of runs are kept. */
const NAMED_MAX = 10;

function someOf(runs: readonly string[]): string {
  const named = runs.slice(0, NAMED_MAX).join(', ');
  return runs.length > NAMED_MAX ? `${named} and ${runs.length - NAMED_MAX} more` : named;
}

function refuse(detail: string, nextSteps: readonly string[] = [SEE]): never {
  throw new DiagnosticsError([{ severity: 'error', code: 'MP3040', detail, nextSteps }]);
}
