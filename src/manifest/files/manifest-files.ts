import type { Diagnostic } from '../../diag/diagnostic.js';
import type { LocatedDocument } from '../base/located.js';
import { problem, quoted } from '../base/problem.js';
import { defaultInclude } from '../project/to-project.js';
import { forms } from '../schema/forms.js';
import { findFiles } from './find-files.js';

const globPattern = new RegExp(forms.glob.pattern);

export interface ManifestFiles {
  /** Relative to the project folder, sorted, without the project file. */
  readonly files: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The files that spec.include names. What is wrong with the list itself is told with the rest of the Project. */
export async function manifestFiles(
  folder: string,
  { project, projectFile }: { readonly project: LocatedDocument | undefined; readonly projectFile: string },
): Promise<ManifestFiles> {
  const written = includeOf(project);
  const files = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  const unmatched: Diagnostic[] = [];
  const beside: Beside[] = [];
  for (const [index, pattern] of (written ?? defaultInclude).entries()) {
    const source = written && project?.rangeOf(['spec', 'include', index]);
    if (typeof pattern !== 'string' || !globPattern.test(pattern)) continue;
    if (pattern.split('/').includes('..')) {
      const detail = `include ${quoted(pattern)} leads out of the project folder, where a review does not see the files`;
      diagnostics.push(problem('MP1018', source, { detail, nextSteps: ['Move the manifests below the project folder'] }));
      continue;
    }
    const found = await findFiles(folder, pattern);
    diagnostics.push(...found.diagnostics);
    for (const file of found.files) files.add(file);
    if (found.files.length === 0) unmatched.push(nothingMatches(pattern, source));
    if (written !== undefined) beside.push(...(await besides(folder, pattern, source)));
  }
  diagnostics.push(...beside.filter(({ file }) => !files.has(file)).map(({ diagnostic }) => diagnostic));
  const isEmpty = files.size === 0;
  // The default patterns are not the user's words: only the lack of any file is worth telling.
  const silent = isEmpty ? unmatched.slice(0, written === undefined ? 1 : undefined) : written === undefined ? [] : unmatched;
  diagnostics.push(...silent.map((found): Diagnostic => ({ ...found, severity: isEmpty ? 'error' : 'warning' })));
  return { files: [...files].filter((file) => file !== projectFile).sort(), diagnostics };
}

interface Beside {
  readonly file: string;
  readonly diagnostic: Diagnostic;
}

/** Files that a pattern would name with the other ending of YAML: whoever wrote them believes that they are read. */
async function besides(folder: string, pattern: string, source: Diagnostic['source']): Promise<Beside[]> {
  const [, stem, ending] = /^(.*)\.(yaml|yml)$/.exec(pattern) ?? [];
  if (stem === undefined) return [];
  const other = `${stem}.${ending === 'yaml' ? 'yml' : 'yaml'}`;
  const { files } = await findFiles(folder, other);
  return files.map((file) => ({ file, diagnostic: notRead(file, { other, ending: ending as string }, source) }));
}

const notRead = (
  file: string,
  { other, ending }: { readonly other: string; readonly ending: string },
  source: Diagnostic['source'],
): Diagnostic => ({
  ...problem('MP1036', source, {
    detail: `${quoted(file)} is not read`,
    nextSteps: [`Rename it to end in .${ending}, or add ${quoted(other)} to spec.include`],
  }),
  severity: 'warning',
});

function nothingMatches(pattern: string, source: Diagnostic['source']): Diagnostic {
  return problem('MP1014', source, {
    detail: `no file matches ${quoted(pattern)}`,
    nextSteps: ['Write a manifest there, or correct spec.include (** stands for any number of folders)'],
  });
}

function includeOf(project: LocatedDocument | undefined): readonly unknown[] | undefined {
  const include = (project?.value as { spec?: { include?: unknown } | null } | undefined)?.spec?.include;
  return Array.isArray(include) ? include : undefined;
}
