import type { Diagnostic } from '../diag/diagnostic.js';
import { hasErrors } from '../diag/diagnostic.js';
import { type LoadedProject, type LoadOptions, loadProject } from '../manifest/load.js';

export interface ValidatedProject {
  /** As asked for: in the environment that is chosen, or in none. */
  readonly loaded: LoadedProject;
  /** Of that, and of each environment where none was chosen; what is wrong in those alone names them. */
  readonly diagnostics: readonly Diagnostic[];
  /** How many files were read. */
  readonly files: number;
  /** The environments that were looked at besides. */
  readonly environments: readonly string[];
}

/** Everything wrong in all files of a project, overlays of environments that nobody has chosen among them. Reads files only. */
export async function validateProject(options: LoadOptions): Promise<ValidatedProject> {
  const loaded = await loadProject(options);
  const isChosen = (options.environment ?? options.env['MIGPLAN_ENV']) !== undefined;
  const environments = isChosen ? [] : loaded.environments;
  const others: InEnvironment[] = [];
  for (const environment of environments) others.push({ environment, loaded: await loadProject({ ...options, environment }) });
  const paths = [loaded, ...others.map((one) => one.loaded)].flatMap(({ files }) => files.map(({ path }) => path));
  return {
    loaded,
    diagnostics: [...loaded.diagnostics.filter((one) => !isUsedElsewhere(one, others)), ...onlyInSome(loaded, others)],
    files: new Set(paths).size,
    environments,
  };
}

interface InEnvironment {
  readonly environment: string;
  readonly loaded: LoadedProject;
}

const keyOf = ({ code, detail, source, address }: Diagnostic): string =>
  JSON.stringify([code, detail, source?.file, source?.start.offset, address]);

/** A variable that only an overlay uses is of use. */
const isUsedElsewhere = (diagnostic: Diagnostic, others: readonly InEnvironment[]): boolean =>
  diagnostic.code === 'MP1044' &&
  others.some(
    ({ loaded }) => !hasErrors(loaded.diagnostics) && !loaded.diagnostics.some((one) => keyOf(one) === keyOf(diagnostic)),
  );

function onlyInSome({ diagnostics }: LoadedProject, others: readonly InEnvironment[]): Diagnostic[] {
  const common = new Set(diagnostics.map(keyOf));
  const found = new Map<string, { readonly diagnostic: Diagnostic; readonly names: string[] }>();
  for (const { environment, loaded } of others) {
    for (const diagnostic of loaded.diagnostics) {
      const key = keyOf(diagnostic);
      if (common.has(key)) continue;
      const known = found.get(key) ?? { diagnostic, names: [] };
      known.names.push(environment);
      found.set(key, known);
    }
  }
  return [...found.values()].map(({ diagnostic, names }) => ({
    ...diagnostic,
    detail: `in environment ${names.join(', ')}: ${diagnostic.detail}`,
  }));
}
