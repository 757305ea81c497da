import { lookAtHosts } from './apply/look-at-hosts.js';
import type { Look, Looks } from './apply/looks.js';
import { conversionPreflight, windowsPreflight } from './convert/preflight.js';
import { type Diagnostic, DiagnosticsError, hasErrors } from './diag/diagnostic.js';
import type { ProgramFinder } from './host/program.js';
import type { Action } from './plan/action.js';
import type { PlanFile } from './plan/plan-file.js';
import type { TargetProblem } from './plan/target-problem.js';
import { transferPreflight } from './transfer/index.js';

/** What is looked at on the machine that this runs on. */
export const machineLooks = (programs: ProgramFinder): Looks => ({
  programs: lookAtPrograms(programs),
  'windows-drivers': lookAtWindowsDrivers,
  'conversion-host': lookAtHosts,
});

const lookAtPrograms =
  (programs: ProgramFinder): Look =>
  async ({ actions }) =>
    (await missingPrograms(actions, programs)).map(toProblem);

const lookAtWindowsDrivers: Look = async ({ actions }) => {
  const conversion = actions.find((action) => action.kind === 'convert');
  if (conversion?.guestFamily !== 'windows') return [];
  return (await windowsPreflight(conversion)).map(toProblem);
};

const toProblem = ({ source: _, related: __, ...problem }: Diagnostic): TargetProblem => problem;

/** Programs that these actions need, missing or too old. Nothing is looked for that is not needed. */
async function missingPrograms(actions: readonly Action[], programs: ProgramFinder): Promise<Diagnostic[]> {
  const moves = actions.some(({ kind }) => kind === 'sync');
  const converts = actions.some(({ kind }) => kind === 'convert' || kind === 'commit-conversion');
  return unique([
    ...(moves ? await transferPreflight(programs) : []),
    ...(converts ? await conversionPreflight({ windows: false, programs }) : []),
  ]);
}

/** The same look for a whole plan: nothing of it is begun on a machine that could not end it. Throws DiagnosticsError. */
export async function requirePrograms({ migrations }: PlanFile, programs: ProgramFinder): Promise<void> {
  const found = await missingPrograms(
    migrations.flatMap(({ actions }) => actions),
    programs,
  );
  if (hasErrors(found)) throw new DiagnosticsError(found);
}

/** Programs that both need are named once. */
const unique = (diagnostics: readonly Diagnostic[]): Diagnostic[] => [
  ...new Map(diagnostics.map((diagnostic) => [diagnostic.detail, diagnostic])).values(),
];
