import { basename, dirname, resolve } from 'node:path';
import { type Diagnostic, hasErrors } from '../diag/diagnostic.js';
import type { DesiredMigration } from '../model/desired.js';
import { inOrder } from './base/diagnostic-order.js';
import type { LocatedDocument } from './base/located.js';
import { placeFrom, problem, quoted } from './base/problem.js';
import { readKind, withRightHeader } from './document-kind.js';
import { fieldsAt, type ResolvedVariable } from './environment/project-variables.js';
import type { ProjectSettings, SettingsOptions } from './environment/settings.js';
import { checkShape } from './explain/check-shape.js';
import { manifestFiles } from './files/manifest-files.js';
import { type ReadManifest, readManifest } from './files/read-manifest.js';
import { duplicateProblems } from './migration/duplicates.js';
import { mergeDefaults } from './migration/merged-migration.js';
import { toDesired } from './migration/to-desired.js';
import { configDigest } from './project/config-digest.js';
import { readNotify } from './project/notify-fields.js';
import { readRules } from './project/policy-rules.js';
import type { ProjectConfig } from './project/project-config.js';
import { noProject, type ProjectScope, readScope } from './project/project-scope.js';
import { stateProblems } from './project/state-problems.js';
import { toProjectConfig } from './project/to-project.js';
import type { ProjectLocation } from './project/to-provider.js';
import { readSettings, unknownPatches } from './read-settings.js';
import { forms } from './schema/forms.js';
import { apiVersion } from './schema/migration-shape.js';
import type { ProjectDocument } from './schema/project-shape.js';

export const projectFileName = 'migplan.yaml';

export interface LoadOptions extends SettingsOptions {
  /** Whether documents are kept for somebody who shows them. Default: not, they are many. */
  readonly keepsDocuments?: boolean;
  readonly cwd: string;
  /** Default: migplan.yaml in cwd. */
  readonly projectFile?: string;
  /** HOME is read for paths that start with ~/, and MIGPLAN_ENV and MIGPLAN_VAR_*; secrets are not resolved here. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A document after defaults, overlay and variables. */
export type LoadedDocument = Pick<LocatedDocument, 'value' | 'rangeOf' | 'variablesAt'>;

export interface LoadedDocuments {
  readonly project?: LoadedDocument;
  readonly migrations: readonly (LoadedDocument & { readonly address: string })[];
  readonly variables: ReadonlyMap<string, ResolvedVariable>;
}

export interface LoadedProject {
  /** Absent when the Project document is missing or has an error. */
  readonly project?: ProjectConfig;
  /** Those without an error, in the order of files. */
  readonly migrations: readonly DesiredMigration[];
  /** Everything wrong in all files, in the order of files and lines. */
  readonly diagnostics: readonly Diagnostic[];
  /** Each file that was read; `path` is relative to the project folder. */
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
  /** Of `diagnostics`: what is wrong with files that could not be read at all. */
  readonly unread: readonly Diagnostic[];
  /** sha256 (hex) of what is asked for; see configDigest. */
  readonly configDigest: string;
  readonly settings: ProjectSettings;
  /** Names of all that the Project declares, right or wrong. */
  readonly environments: readonly string[];
  /** Of a project without errors, when they were asked for. */
  readonly documents?: LoadedDocuments;
}

/** Reads the project file and all manifests. User mistakes are diagnostics; it throws only on bugs. */
export async function loadProject({
  cwd,
  projectFile,
  env,
  keepsDocuments = false,
  ...asked
}: LoadOptions): Promise<LoadedProject> {
  const path = resolve(cwd, projectFile ?? projectFileName);
  const [folder, file] = [dirname(path), basename(path)];
  const main = await readManifest(folder, file);
  if (main.sha256 === undefined) return withoutProjectFile(file, main);

  const settled = await readSettings(sortByKind([main]).Project[0], { folder, env, asked });
  const found = await manifestFiles(folder, { project: settled.project, projectFile: file });
  const others = await Promise.all(found.files.map((name) => readManifest(folder, name)));
  const all = sortByKind([main, ...others]);
  const [first, ...second] = all.Project;
  const project = readProject(first && [settled.project!, ...second], { folder, env, file });
  const manifests = all.Migration.map(settled.substitute);
  const scope = { ...project.scope, ...(settled.overlay && { overlay: settled.overlay }) };
  const migrations = readMigrations(
    manifests.map(({ document }) => document),
    scope,
  );
  const { environment } = settled.settings;
  const diagnostics = [
    ...settled.diagnostics,
    ...found.diagnostics,
    ...all.diagnostics,
    ...project.diagnostics,
    ...otherEnvironment(project.config?.rules.environment, environment, settled.project),
    ...manifests.flatMap(({ diagnostics: wrong }) => wrong),
    ...migrations.diagnostics,
    ...unknownPatches(settled.overlay, all.Migration),
  ];
  const read = [
    { path: file, manifest: main },
    ...settled.files,
    ...others.map((manifest, i) => ({ path: found.files[i]!, manifest })),
  ];
  return {
    ...(project.config && { project: project.config }),
    migrations: migrations.desired,
    diagnostics: inOrder(
      [...diagnostics, ...(hasErrors(diagnostics) ? [] : settled.unused())],
      [file, ...settled.files.map(({ path: overlay }) => overlay), ...found.files],
    ),
    files: read.flatMap(({ path, manifest }) => (manifest.sha256 === undefined ? [] : [{ path, sha256: manifest.sha256 }])),
    unread: read.flatMap(({ manifest }) => (manifest.sha256 === undefined ? manifest.diagnostics : [])),
    configDigest: configDigest(
      migrations.desired,
      (settled.project?.value as ProjectDocument | undefined)?.spec?.providers,
      environment,
    ),
    settings: settled.settings,
    environments: Object.keys(fieldsAt(settled.project, ['spec', 'environments'])),
    ...(keepsDocuments &&
      !hasErrors(diagnostics) && {
        documents: {
          ...(settled.project && { project: settled.project }),
          migrations: manifests.map(({ document }) => ({
            address: addressOf(document),
            ...mergeDefaults(document, document.value, scope),
          })),
          variables: settled.variables.values,
        },
      }),
  };
}

/** Rules and approvals would go by the one, overlay and variables by the other. */
function otherEnvironment(
  said: string | undefined,
  chosen: string | undefined,
  project: LocatedDocument | undefined,
): Diagnostic[] {
  if (said === undefined || chosen === undefined || said === chosen) return [];
  return [
    problem('MP1030', project?.rangeOf(['spec', 'policy', 'environment']), {
      detail: `policy.environment is ${quoted(said)}, and environment ${quoted(chosen)} is chosen (--env, or else MIGPLAN_ENV)`,
      nextSteps: [
        'Take policy.environment out of the Project: the environment that is chosen stands for it',
        `Or write it in the overlay of each environment: spec: {policy: {environment: ${chosen}}}`,
      ],
    }),
  ];
}

const addressOf = ({ value }: LocatedDocument): string => `vm/${(value as { metadata: { name: string } }).metadata.name}`;

function withoutProjectFile(file: string, { diagnostics }: ReadManifest): LoadedProject {
  const missing = problem('MP1013', undefined, {
    detail: `${diagnostics[0]?.detail ?? file}`,
    nextSteps: ['Change to the folder of the project', 'To start a new project, run: migplan init'],
  });
  const nothing = { migrations: [], files: [], unread: [], settings: { variables: {} }, environments: [] };
  return { ...nothing, diagnostics: [missing], configDigest: configDigest([], {}) };
}

interface Sorted {
  readonly Project: LocatedDocument[];
  readonly Migration: LocatedDocument[];
  readonly diagnostics: Diagnostic[];
}

/** Documents by kind, and what is wrong before a kind is known. */
function sortByKind(files: readonly ReadManifest[]): Sorted {
  const sorted: Sorted = { Project: [], Migration: [], diagnostics: [] };
  for (const { documents, diagnostics } of files) {
    sorted.diagnostics.push(...diagnostics);
    for (const document of documents.filter(({ value }) => value !== null)) {
      const { kind, diagnostics: wrong } = readKind(document);
      sorted.diagnostics.push(...wrong);
      if (kind !== undefined) sorted[kind].push(wrong.length === 0 ? document : { ...document, sound: false });
    }
  }
  return sorted;
}

interface ProjectParseResult {
  readonly config?: ProjectConfig;
  readonly scope: ProjectScope;
  readonly diagnostics: readonly Diagnostic[];
}

function readProject(
  documents: readonly LocatedDocument[] = [],
  place: ProjectLocation & { readonly file: string },
): ProjectParseResult {
  const [document, ...others] = documents;
  if (document === undefined) {
    const detail = `${place.file} has no document of kind Project`;
    const nextSteps = [`Add one: apiVersion: ${apiVersion}, kind: Project, metadata, spec`];
    return { scope: noProject, diagnostics: [problem('MP1013', undefined, { detail, nextSteps })] };
  }
  const wrong = checkShape('Project', withRightHeader(document, 'Project'), document);
  const scope = readScope(document, wrong);
  const policy = wrong.length > 0 ? undefined : projectRules(document, place.folder);
  const told = wrong.length > 0 ? undefined : readNotify(document, place);
  const diagnostics = [
    ...wrong,
    ...scope.diagnostics,
    ...(policy?.diagnostics ?? []),
    ...(told?.diagnostics ?? []),
    ...(wrong.length > 0 ? [] : stateProblems(document)),
    ...others.map((other) => secondProject(other, document)),
  ];
  if (policy === undefined || diagnostics.length > 0 || !document.sound) return { scope, diagnostics };
  const windows = Object.fromEntries([...(scope.windows ?? [])].flatMap(([name, window]) => (window ? [[name, window]] : [])));
  const notify = told?.notify && { notify: told.notify };
  return { config: toProjectConfig(document, place, { windows, rules: policy.rules, ...notify }), scope, diagnostics };
}

const projectRules = (document: LocatedDocument, folder: string) =>
  readRules((document.value as ProjectDocument).spec.policy, {
    located: document,
    path: ['spec', 'policy'],
    folder,
    of: 'the Project',
  });

function secondProject(second: LocatedDocument, first: LocatedDocument): Diagnostic {
  const [at, source] = [second.rangeOf(['kind']), first.rangeOf(['kind'])];
  return problem('MP1009', at, {
    detail: `there is already a Project in ${placeFrom(at, source)}, and a project has one`,
    related: { source, detail: 'the first Project' },
    nextSteps: ['Put everything into one of them and remove the other'],
  });
}

interface MigrationsParseResult {
  readonly desired: readonly DesiredMigration[];
  readonly diagnostics: readonly Diagnostic[];
}

function readMigrations(documents: readonly LocatedDocument[], scope: ProjectScope): MigrationsParseResult {
  const twice = duplicateProblems(documents, scope);
  const readings = documents.map((document) => {
    const value = withRightHeader(document, 'Migration');
    const wrong = checkShape('Migration', value, document);
    const { desired, diagnostics } = wrong.length > 0 ? { diagnostics: wrong } : toDesired(document, value, scope);
    const told = [...diagnostics, ...(twice.get(document) ?? [])].map((found) => addressed(found, document));
    return { ...(told.length === 0 && document.sound && desired && { desired }), diagnostics: told };
  });
  return {
    desired: readings.flatMap(({ desired }) => desired ?? []),
    diagnostics: readings.flatMap(({ diagnostics }) => diagnostics),
  };
}

/** What is wrong in the Project's defaults is no one Migration's fault. */
function addressed(found: Diagnostic, { file, value }: LocatedDocument): Diagnostic {
  const name = (value as { metadata?: { name?: unknown } | null }).metadata?.name;
  return found.source?.file === file && typeof name === 'string' && isName(name) ? { ...found, address: `vm/${name}` } : found;
}

const isName = (text: string): boolean => new RegExp(forms.name.pattern).test(text) && text.length <= forms.name.maxLength;
