import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CloudEntry, Settings, SourcePart, TargetPart, TargetWishes } from './parts/part.js';

/** What a project is between. */
export interface Sides {
  readonly source: SourcePart;
  readonly target: TargetPart;
}

/** What one project has otherwise than the others of its bench. */
export interface ProjectWishes extends TargetWishes {
  /** As in the Project. */
  readonly limits?: string;
  /** One more source, which manifests name by its provider. */
  readonly beside?: SourcePart;
}

/** A migplan project in a folder: what an operator keeps in git, and the secrets they keep elsewhere. */
export class LabProject {
  private constructor(
    readonly folder: string,
    private readonly sides: Sides,
  ) {}

  /** With an empty folder of manifests. */
  static async create(folder: string, sides: Sides, wishes: ProjectWishes = {}): Promise<LabProject> {
    const project = new LabProject(folder, sides);
    await mkdir(project.runtimeFolder, { recursive: true, mode: 0o700 });
    await mkdir(join(folder, 'manifests'), { recursive: true });
    await project.write('migplan.yaml', projectText(sides, wishes));
    const clouds = [...sides.source.clouds, ...sides.target.clouds, ...(wishes.beside?.clouds ?? [])];
    if (clouds.length === 0) return project;
    await project.write('clouds.yaml', `clouds:\n${clouds.map(cloudText).join('')}`);
    // Passwords stand in a file of their own, as openstacksdk reads it: never in what is kept in git.
    await project.write('secure.yaml', `clouds:\n${clouds.map(secretText).join('')}`, 0o600);
    return project;
  }

  at(name: string): string {
    return join(this.folder, name);
  }

  async write(name: string, text: string, mode = 0o644): Promise<void> {
    await mkdir(dirname(this.at(name)), { recursive: true });
    await writeFile(this.at(name), text, { mode });
  }

  /** One Migration; `spec` is YAML. */
  manifest(name: string, spec: string): Promise<void> {
    return this.write(
      `manifests/${name}.yaml`,
      `apiVersion: migplan.dev/v1alpha1\nkind: Migration\nmetadata: {name: ${name}}\nspec:\n${spec.trimEnd().replace(/^/gm, '  ')}\n`,
    );
  }

  removeManifest(name: string): Promise<void> {
    return rm(this.at(`manifests/${name}.yaml`), { force: true });
  }

  /** Changes a file of the project. */
  async edit(name: string, change: (text: string) => string): Promise<void> {
    await writeFile(this.at(name), change(await readFile(this.at(name), 'utf8')));
  }

  /** Where runs of this project make their sockets: of their own, so that what is left there can be told. */
  get runtimeFolder(): string {
    return `${this.folder}.run`;
  }

  /** `NAME=value` that every process started for this project has in its environment. */
  get marker(): string {
    return `MIGPLAN_LAB_PROJECT=${this.folder}`;
  }

  /** What the CLI is started with: secrets by environment and files, as an operator gives them. */
  get environment(): Readonly<Record<string, string>> {
    return {
      ...this.sides.source.environment,
      XDG_RUNTIME_DIR: this.runtimeFolder,
      MIGPLAN_LAB_PROJECT: this.folder,
      ...this.sides.target.environment,
    };
  }
}

const projectText = (
  { source, target }: Sides,
  { limits = '{transfers: 2, batch: 4MiB}', beside, ...wishes }: ProjectWishes,
): string =>
  `apiVersion: migplan.dev/v1alpha1
kind: Project
metadata: {name: acme}
spec:
  providers:
    ${source.provider}:
${linesOf(source.settings)}
    ${target.provider}:
${linesOf(target.settings(wishes))}${beside === undefined ? '' : `\n    ${beside.provider}:\n${linesOf(beside.settings)}`}
  include: [manifests/*.yaml]
  limits: ${limits}
  defaults:
    source: {provider: ${source.provider}}
    target:
${linesOf({ provider: target.provider, volumeType: target.volumeType, ...source.mapping })}
    # Tests change a VM and sync it again at once.
    sync: {maxAge: 0s}
`;

const linesOf = (settings: Settings): string =>
  Object.entries(settings)
    .map(([name, yaml]) => `      ${name}: ${yaml}`)
    .join('\n');

const cloudText = ({ name, authUrl }: CloudEntry): string => `  ${name}:
    region_name: RegionOne
    auth: {auth_url: "${authUrl}", username: demo, project_name: demo, user_domain_name: Default, project_domain_name: Default}
`;

const secretText = ({ name, password }: CloudEntry): string => `  ${name}:\n    auth: {password: "${password}"}\n`;
