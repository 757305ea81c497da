import { lookAtHosts } from './apply/look-at-hosts.js';
import { type Look, type Looks, type Work, workOf } from './apply/looks.js';
import { anyWindowsPreflight, conversionPreflight, windowsPreflight } from './convert/preflight.js';
import { type Diagnostic, DiagnosticsError, hasErrors } from './diag/diagnostic.js';
import type { ProgramFinder } from './host/program.js';
import type { PlanFile } from './plan/plan-file.js';
import type { TargetProblem } from './plan/target-problem.js';
import type { SourceProvider } from './providers/provider.js';
import { type ReaderPreflight, transferPreflight } from './transfer/index.js';

/** What is looked at on the machine that this runs on. */
export const machineLooks = (programs: ProgramFinder, readers: ReaderPreflight): Looks => ({
  programs: async ({ work }) => (await missingPrograms(work, programs)).map(toProblem),
  reader: lookAtReaders(readers),
  'windows-drivers': lookAtWindowsDrivers,
  'conversion-host': lookAtHosts,
});

/** What readers need is tried once for all VMs of a plan, and once more for each before it is touched. */
function lookAtReaders(readers: ReaderPreflight): Look {
  const answers = new WeakMap<SourceProvider, Promise<Diagnostic[]>>();
  return async ({ work, source, station }) => {
    if (!work.moves || source === undefined) return [];
    const ask = () => readers(source.readerNeeds());
    const known = station === 'plan' || station === 'doctor' ? answers.get(source) : undefined;
    const answer = known ?? ask();
    answers.set(source, answer);
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
