import { basename } from 'node:path';
import { reportOfPlan } from '../engine/report/report-of-plan.js';
import { reportOfRun } from '../engine/report/report-of-run.js';
import { findRun, stateIn } from '../engine/runs/find-run.js';
import { otherRuns } from '../engine/runs/other-runs.js';
import { exists } from '../host/files.js';
import { planReportText, runReportText } from '../views/report/select.js';
import { readPlan } from './read-plan.js';

export interface ReportAsked {
  /** As it was typed, and where it would be as a file. */
  readonly asked: string;
  readonly path: string;
  /** Of the project. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly version: string;
}

export interface MadeReport {
  readonly text: string;
  /** What its file is called where nobody says. */
  readonly fileName: string;
}

/** Names of runs have neither dots nor slashes, as names of files mostly do. */
const RUN_NAME = /^[a-z0-9]{1,12}$/;

/** Of a saved plan where a file of that name is, else of a run, by its name or its beginning. Throws DiagnosticsError. */
export async function makeReport({ asked, path, folder, env, version }: ReportAsked): Promise<MadeReport> {
  if (RUN_NAME.test(asked) && !(await exists(path))) {
    const state = await stateIn(folder, env);
    const record = await findRun(state, asked, () => otherRuns({ cwd: folder, env }));
    const text = runReportText(await reportOfRun(record, state), { version, now: new Date() });
    return { text, fileName: `run-${record.run}.html` };
  }
  const plan = await readPlan(path);
  const text = planReportText(await reportOfPlan(plan, { folder, env }), version);
  return { text, fileName: `${basename(asked).replace(/\.json$/, '')}.html` };
}
