import { lookAtHosts } from './apply/look-at-hosts.js';
import { lookAtPrivileges } from './apply/look-at-privileges.js';
import { type Look, type LookSubject, type Looks, type Work, workOf } from './apply/looks.js';
import type { MachineNeed } from './contracts/disk-reader.js';
import { anyWindowsPreflight, conversionPreflight, windowsPreflight } from './convert/preflight.js';
import { type Diagnostic, DiagnosticsError, hasErrors } from './diag/diagnostic.js';
import type { ProgramFinder } from './host/program.js';
import type { TargetProblem } from './plan/core/target-problem.js';
import type { PlanFile } from './plan/file/plan-file.js';
import { type NeedsPreflight, transferPreflight } from './transfer/index.js';

/** What is looked at on the machine that this runs on. */
export const machineLooks = (programs: ProgramFinder, needs: NeedsPreflight): Looks => ({
  privileges: lookAtPrivileges,
  programs: async ({ work }) => (await missingPrograms(work, programs)).map(toProblem),
  reader: lookAtNeeds(needs, ({ source }) => source?.readerNeeds()),
  writer: lookAtNeeds(needs, ({ target }) => target?.writerNeeds()),
  'windows-drivers': lookAtWindowsDrivers,
  'conversion-host': lookAtHosts,
});

/** What is needed is tried once for all VMs of a plan, and once more for each before it is touched. */
function lookAtNeeds(preflight: NeedsPreflight, needsOf: (subject: LookSubject) => readonly MachineNeed[] | undefined): Look {
  const answers = new Map<string, Promise<Diagnostic[]>>();
  return async (subject) => {
    const needs = subject.work.moves ? needsOf(subject) : undefined;
    if (needs === undefined || needs.length === 0) return [];
    const key = JSON.stringify(needs);
    const mayBeKnown = subject.station === 'plan' || subject.station === 'doctor';
    const answer = (mayBeKnown ? answers.get(key) : undefined) ?? preflight(needs);
    answers.set(key, answer);
    return (await answer).map(toProblem);
  };
}

const lookAtWindowsDrivers: Look = async ({ work: { guest } }) => {
  if (guest === 'windows') return (await anyWindowsPreflight()).map(toProblem);
  if (guest?.guestFamily !== 'windows') return [];
  return (await windowsPreflight(guest)).map(toProblem);
};

const toProblem = ({ source: _, related: __, ...problem }: Diagnostic): TargetProblem => problem;

/** Programs that this work needs, missing or too old. Nothing is looked for that is not needed. */
async function missingPrograms({ moves, converts }: Work, programs: ProgramFinder): Promise<Diagnostic[]> {
  return unique([
    ...(moves ? await transferPreflight(programs) : []),
    ...(converts ? await conversionPreflight({ windows: false, programs }) : []),
  ]);
}

/** The same look for a whole plan: nothing of it is begun on a machine that could not end it. Throws DiagnosticsError. */
export async function requirePrograms({ migrations }: PlanFile, programs: ProgramFinder): Promise<void> {
  const found = await missingPrograms(workOf(migrations.flatMap(({ actions }) => actions)), programs);
  if (hasErrors(found)) throw new DiagnosticsError(found);
}

/** Programs that both need are named once. */
const unique = (diagnostics: readonly Diagnostic[]): Diagnostic[] => [
  ...new Map(diagnostics.map((diagnostic) => [diagnostic.detail, diagnostic])).values(),
];
