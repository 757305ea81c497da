import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from '../vcenter-sim/ensure-built.js';
import type { CliProject } from './cli.js';
import { projectRoot } from './lab.js';
import { Oracle } from './oracle.js';
import { processesWith } from './processes.js';
import { localAccess } from './project-files.js';
import { imageTruth } from './truth.js';
import { type Cloud, startCloud } from './two-clouds.js';

/** Machines that are files of a project, and the cloud they go to. */
export class ImageMachines implements AsyncDisposable, CliProject {
  private readonly oracle: Oracle;
  /** Raw files with what each disk holds, by key; keys are used once in all machines. */
  private readonly bytes = new Map<number, string>();

  private constructor(
    readonly home: string,
    readonly cloud: Cloud,
  ) {
    this.oracle = new Oracle(
      cloud.control,
      imageTruth((key) => this.bytes.get(key)!),
    );
  }

  static async open(): Promise<ImageMachines> {
    await ensureBuilt(projectRoot, ['src', 'lab']);
    const home = await mkdtemp(join(tmpdir(), 'e2e-'));
    const machines = new ImageMachines(home, await startCloud(home, 'new'));
    await machines.writeProject();
    return machines;
  }

  get folder(): string {
    return join(this.home, 'project');
  }

  get environment(): Readonly<Record<string, string>> {
    return { XDG_RUNTIME_DIR: `${this.folder}.run`, MIGPLAN_LAB_PROJECT: this.folder };
  }

  at = (name: string): string => join(this.folder, name);

  write(name: string, text: string, mode = 0o644): Promise<void> {
    return writeFile(this.at(name), text, { mode });
  }

  machine(name: string, over: object): Promise<void> {
    const document = { name, firmware: 'bios', guest: 'linux', conversion: 'none', ...over };
    return this.write(`machines/${name}.json`, JSON.stringify(document, undefined, 2));
  }

  manifest(name: string, spec: string): Promise<void> {
    const text = `apiVersion: migplan.dev/v1alpha1\nkind: Migration\nmetadata: {name: ${name}}\nspec:\n`;
    return this.write(`manifests/${name}.yaml`, `${text}${`source: {server: ${name}}\n${spec}`.replace(/^/gm, '  ')}\n`);
  }

  /** Makes an image of a raw file's bytes. `raw`: it is the image. */
  image(name: string, { key, raw, format }: { readonly key: number; readonly raw: string; readonly format: string }): object {
    this.bytes.set(key, raw);
    if (this.at(`machines/${name}`) !== raw)
      execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', format, raw, this.at(`machines/${name}`)]);
    return { path: name, format, key };
  }

  /** Snapshots, attachments, processes and sockets that runs left, one line each. */
  async leftovers(): Promise<string[]> {
    const held = (await this.cloud.control.attachments()).filter(({ heldByNova }) => !heldByNova);
    const sockets = await readdir(`${this.folder}.run`).catch(() => []);
    return [
      ...held.map(({ id }) => `attachment ${id}`),
      ...(await processesWith(`MIGPLAN_LAB_PROJECT=${this.folder}`)).map(({ command }) => `process ${command}`),
      ...sockets.map((name) => `run folder ${name}`),
    ];
  }

  private async writeProject(): Promise<void> {
    for (const name of ['manifests', 'machines']) await mkdir(this.at(name), { recursive: true });
    await mkdir(`${this.folder}.run`, { recursive: true, mode: 0o700 });
    await this.write(
      'migplan.yaml',
      `apiVersion: migplan.dev/v1alpha1
kind: Project
metadata: {name: acme}
spec:
  providers:
    images: {type: nbd, machines: [machines]}
    rhoso18: {type: openstack, cloud: new, access: ${localAccess(join(this.home, 'new', 'state'))}}
  include: [manifests/*.yaml]
  limits: {transfers: 2, batch: 64MiB}
  defaults:
    source: {provider: images}
    target: {provider: rhoso18}
`,
    );
    const { authUrl, password } = this.cloud;
    await this.write(
      'clouds.yaml',
      `clouds:\n  new:\n    region_name: RegionOne\n    auth: {auth_url: "${authUrl}", username: demo, project_name: demo, user_domain_name: Default, project_domain_name: Default}\n`,
    );
    await this.write('secure.yaml', `clouds:\n  new:\n    auth: {password: "${password}"}\n`, 0o600);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.oracle[Symbol.asyncDispose]();
    } finally {
      await this.cloud[Symbol.asyncDispose]();
      await rm(this.home, { recursive: true, force: true });
    }
  }
}
