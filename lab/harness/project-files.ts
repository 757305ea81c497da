import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Lab, SourceLab } from './lab.js';

/** A cloud that projects migrate to. */
export interface ProjectTarget {
  /** Entry of clouds.yaml. */
  readonly cloud: string;
  /** How volumes are written, as YAML: `{type: cinder}`. */
  readonly access: string;
  readonly volumeType: string;
  /** What migplan finds clouds.yaml and secrets by. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Volumes of a simulated cloud are files of this machine. `state` is its folder. */
export const localAccess = (state: string): string => `{type: cinder, local: {folders: [${join(state, 'volumes')}]}}`;

const simulated = { cloud: 'prod', volumeType: 'ssd', environment: {} };
const LIMITS = '{transfers: 2, batch: 64MiB}';

/** A migplan project in a folder, pointing at a lab: what an operator keeps in git, and the secrets they keep elsewhere. */
export class LabProject {
  private constructor(
    readonly folder: string,
    private readonly lab: SourceLab,
    private readonly target: ProjectTarget,
  ) {}

  static async create(
    folder: string,
    lab: Lab,
    { limits = LIMITS, access = localAccess(lab.cloud.stateFolder) }: { readonly limits?: string; readonly access?: string } = {},
  ): Promise<LabProject> {
    const project = await LabProject.on(folder, { source: lab, target: { ...simulated, access }, limits });
    await project.write(
      'clouds.yaml',
      `clouds:
  prod:
    region_name: RegionOne
    auth: {auth_url: "${lab.cloud.authUrl}", username: demo, project_name: demo, user_domain_name: Default, project_domain_name: Default}
`,
    );
    // Passwords stand in a file of their own, as openstacksdk reads it: never in what is kept in git.
    await project.write('secure.yaml', `clouds:\n  prod:\n    auth: {password: "${lab.secrets.cloudPassword}"}\n`, 0o600);
    return project;
  }

  /** A project whose target is anywhere. */
  static async on(
    folder: string,
    {
      source: lab,
      target,
      limits = LIMITS,
    }: { readonly source: SourceLab; readonly target: ProjectTarget; readonly limits?: string },
  ): Promise<LabProject> {
    const project = new LabProject(folder, lab, target);
    const { server, caFile } = lab.vcenter;
    await mkdir(project.runtimeFolder, { recursive: true, mode: 0o700 });
    await mkdir(join(folder, 'manifests'), { recursive: true });
    await project.write(
      'migplan.yaml',
      `apiVersion: migplan.dev/v1alpha1
kind: Project
metadata: {name: acme}
spec:
  providers:
    vc-prod:
      type: vmware
      server: ${server}
      user: ${lab.secrets.vcenterUser}
      password: env:VCENTER_PASSWORD
      tls: {caFile: ${caFile}}
      reader: {type: vddk, nbdkit: ${lab.vddk.nbdkit}, libdir: ${lab.vddk.libdir}}
    rhoso-prod:
      type: openstack
      cloud: ${target.cloud}
      access: ${target.access}
  include: [manifests/*.yaml]
  limits: ${limits}
  defaults:
    source: {provider: vc-prod}
    target: {provider: rhoso-prod, volumeType: ${target.volumeType}}
`,
    );
    return project;
  }

  /** One Migration; `spec` is YAML, indented by two. */
  manifest(name: string, spec: string): Promise<void> {
    return this.write(
      `manifests/${name}.yaml`,
      `apiVersion: migplan.dev/v1alpha1\nkind: Migration\nmetadata: {name: ${name}}\nspec:\n${spec.trimEnd().replace(/^/gm, '  ')}\n`,
    );
  }

  removeManifest(name: string): Promise<void> {
    return rm(join(this.folder, 'manifests', `${name}.yaml`), { force: true });
  }

  /** Changes a file of the project. */
  async edit(name: string, change: (text: string) => string): Promise<void> {
    const path = join(this.folder, name);
    await writeFile(path, change(await readFile(path, 'utf8')));
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
      VCENTER_PASSWORD: this.lab.secrets.vcenterPassword,
      XDG_RUNTIME_DIR: this.runtimeFolder,
      MIGPLAN_LAB_PROJECT: this.folder,
      ...this.target.environment,
    };
  }

  private async write(name: string, text: string, mode = 0o644): Promise<void> {
    const path = join(this.folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { mode });
  }
}
