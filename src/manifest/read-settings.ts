import type { Diagnostic } from '../diag/diagnostic.js';
import type { LocatedDocument } from './base/located.js';
import { isPlain } from './base/merge-patch.js';
import { nearest } from './base/nearest.js';
import { problem, quoted } from './base/problem.js';
import { chooseEnvironment, overlayProblems } from './environment/choose-environment.js';
import { overlaid } from './environment/overlaid.js';
import { fieldsAt, type ProjectVariables, projectVariables } from './environment/project-variables.js';
import type { ProjectSettings, SettingsOptions } from './environment/settings.js';
import { type Substituted, substitute } from './environment/substitute.js';
import { type ReadManifest, readManifest } from './files/read-manifest.js';
import { lostInOverlay } from './lost-in-overlay.js';

export interface Settled {
  /** The Project with variables and overlay in it. */
  readonly project?: LocatedDocument;
  /** Absent when nothing can be merged of it. */
  readonly overlay?: LocatedDocument;
  readonly settings: ProjectSettings;
  readonly variables: ProjectVariables;
  readonly files: readonly { readonly path: string; readonly manifest: ReadManifest }[];
  readonly diagnostics: readonly Diagnostic[];
  substitute(document: LocatedDocument): Substituted;
  /** Warnings of variables that nothing has named; asked for when all documents have been substituted. */
  unused(): Diagnostic[];
}

interface Surroundings {
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly asked: SettingsOptions;
}

/** Chooses the environment and the values of variables, before anything else of the Project is looked at. */
export async function readSettings(
  raw: LocatedDocument | undefined,
  { folder, env, asked: { environment, variables: flags = [], saved } }: Surroundings,
): Promise<Settled> {
  const isSaved = saved !== undefined;
  const chosen = chooseEnvironment(raw, isSaved ? saved.environment : (environment ?? env['MIGPLAN_ENV']), isSaved);
  const variables = projectVariables(raw, {
    given: { flags, env, ...(saved && { saved: saved.variables }) },
    environment: chosen.name,
  });
  const used = new Set<string>();
  const read = chosen.overlay === undefined ? undefined : await readOverlay(folder, chosen.overlay, raw);
  const overlay = read?.document && substitute(read.document, variables, used);
  const project = raw && substitute(raw, variables, used);
  const over = overlay?.document;
  return {
    ...(project && { project: over === undefined ? project.document : overlaid(project.document, over) }),
    ...(over && { overlay: over }),
    settings: {
      ...(chosen.name !== undefined && { environment: chosen.name }),
      variables: Object.fromEntries([...variables.values].map(([name, { value }]) => [name, value])),
    },
    variables,
    files: read === undefined ? [] : [{ path: chosen.overlay!, manifest: read.manifest }],
    diagnostics: [
      ...chosen.diagnostics,
      ...variables.diagnostics,
      ...(read?.diagnostics ?? []),
      ...(project?.diagnostics ?? []),
      ...(overlay?.diagnostics ?? []),
    ],
    substitute: (document) => substitute(document, variables, used),
    unused: () => variables.declared.filter((name) => !used.has(name)).map((name) => unusedVariable(name, raw)),
  };
}

const unusedVariable = (name: string, project: LocatedDocument | undefined): Diagnostic => ({
  ...problem('MP1044', project?.keyRangeOf(['spec', 'variables', name]), {
    detail: `variable ${name} is declared and used nowhere`,
    nextSteps: [`Write \${var.${name}} where its value belongs, or remove it`],
  }),
  severity: 'warning',
});

interface OverlayRead {
  /** Absent when nothing can be merged of it. */
  readonly document?: LocatedDocument;
  readonly manifest: ReadManifest;
  readonly diagnostics: readonly Diagnostic[];
}

async function readOverlay(folder: string, path: string, project: LocatedDocument | undefined): Promise<OverlayRead> {
  const manifest = await readManifest(folder, path);
  if (manifest.diagnostics.length > 0) return { manifest, diagnostics: manifest.diagnostics };
  const [document, second] = manifest.documents.filter(({ value }) => value !== null);
  if (document === undefined || second !== undefined) {
    const detail = `${path} has ${document === undefined ? 'no' : 'more than one'} document, and an overlay is one`;
    const nextSteps = ['Write one document: apiVersion, kind: Overlay, spec'];
    return { manifest, diagnostics: [problem('MP1008', second?.rangeOf([]), { detail, nextSteps })] };
  }
  const unread = overlayProblems(document);
  if (unread.length > 0) return { manifest, diagnostics: unread };
  const mergeable = isPlain((document.value as { readonly spec: unknown }).spec);
  return { ...(mergeable && { document }), manifest, diagnostics: lostInOverlay(document, project) };
}

/** Migrations that the overlay has words for, and that no manifest declares. */
export function unknownPatches(overlay: LocatedDocument | undefined, migrations: readonly LocatedDocument[]): Diagnostic[] {
  const names = migrations.map((document) => fieldsAt(document, ['metadata'])['name']).filter((name) => typeof name === 'string');
  const known = new Set(names);
  return Object.keys(fieldsAt(overlay, ['spec', 'migrations']))
    .filter((name) => !known.has(name))
    .map((name) => {
      const meant = nearest(name, names);
      return problem('MP1047', overlay!.keyRangeOf(['spec', 'migrations', name]), {
        detail: `no manifest is called ${quoted(name)}`,
        nextSteps: [meant ? `Did you mean ${meant}?` : `Remove ${name}, or write its manifest`],
      });
    });
}
