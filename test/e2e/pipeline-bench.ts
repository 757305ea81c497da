import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { Forge } from './forge-server.js';
import { downloaded, Origin, type Person, PipelinePeople } from './pipeline-people.js';
import type { ShellResult } from './pipeline-run.js';
import { migplan } from './steps.js';

/** Of the comments' account. */
export const TOKEN = 'forge-token-31';

/** A lab, and the service that has its repository. Nothing of the accounts is in a file: it comes by variables and secrets. */
export class PipelineBench implements AsyncDisposable {
  private constructor(
    readonly bench: Bench,
    /** Anew for each test. */
    public forge: Forge,
    readonly people: PipelinePeople,
  ) {}

  static async open(...vms: readonly string[]): Promise<PipelineBench> {
    const bench = await Bench.open({ source: vcenter(vms.map((name) => ({ name }))), target: simulatedCloud() });
    const people = await PipelinePeople.open(join(bench.folder, 'people'));
    return new PipelineBench(bench, await Forge.start(TOKEN), people);
  }

  async newForge(): Promise<void> {
    await this.forge[Symbol.asyncDispose]();
    this.forge = await Forge.start(TOKEN);
  }

  get vars(): Readonly<Record<string, string>> {
    const { source, target } = this.bench;
    const domains = { OS_PROJECT_DOMAIN_NAME: 'Default', OS_USER_DOMAIN_NAME: 'Default' };
    const account = { OS_PROJECT_NAME: 'demo', OS_USERNAME: 'demo', VCENTER_USER: source.user };
    return { OS_AUTH_URL: target.authUrl, OS_REGION_NAME: 'RegionOne', ...domains, ...account };
  }

  get secrets(): Readonly<Record<string, string>> {
    const { source, target } = this.bench;
    return { VCENTER_PASSWORD: source.password, OS_PASSWORD: target.password };
  }

  async repository(name: string): Promise<LabProject> {
    const project = await this.bench.project(name);
    for (const file of ['clouds.yaml', 'secure.yaml']) await rm(join(project.folder, file));
    for (const folder of ['artifacts', 'home', 'data']) await mkdir(`${project.folder}.${folder}`);
    await project.edit('migplan.yaml', (text) => text.replace(/user: .*/, 'user: env:VCENTER_USER'));
    await this.people.writeTrust(project.folder);
    await (await Origin.create(originOf(project).folder)).clonedAs(project.folder);
    // A variable of the type file, as GitLab leaves it: others may read it.
    await writeFile(`${project.folder}.signing-key`, this.people.signingKey, { mode: 0o644 });
    return project;
  }

  /** The commit that main is at before the merge of what is planned. */
  async mainBefore(project: LabProject, change?: (policy: string) => string): Promise<string> {
    const commit = await originOf(project).commit('main', (folder) => this.people.writeTrust(folder, change));
    await originOf(project).fetchedBy(project.folder);
    return commit;
  }

  /** Each of them downloads the plan and its signature, approves where their key is, and pushes the approval. */
  async approve(project: LabProject, plan: string, by: readonly Person[], ...more: readonly string[]): Promise<void> {
    const copy = await downloaded(plan, `${project.folder}.review/plan.json`);
    for (const person of by) await migplan(project, ['approve', copy, '--key', this.people.key(person), ...more]);
    await originOf(project).addApprovals(copy);
  }

  expectNoSecret(text: string): void {
    for (const secret of [...Object.values(this.secrets), TOKEN, this.people.secretLine]) expect(text).not.toContain(secret);
  }

  /** What somebody does by hand to a volume that was converted. */
  async changeVolume(vm: string): Promise<void> {
    const { control } = this.bench.target;
    const { id } = await control.volumeNamed(`${vm}-2000`);
    await control.changeVolume(id, { imageMetadata: { hw_machine_type: 'q35', os_type: 'linux' } });
  }

  /** What no manifest declares, and an apply leaves as it is. */
  async renameVolume(from: string, name: string): Promise<void> {
    const { control } = this.bench.target;
    await control.changeVolume((await control.volumeNamed(from)).id, { name });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.forge[Symbol.asyncDispose]();
    await this.bench[Symbol.asyncDispose]();
  }
}

export const originOf = (project: LabProject): Origin => new Origin(`${project.folder}.origin`);

export async function expectEnd<T extends ShellResult>(running: Promise<T>, code: number): Promise<T> {
  const run = await running;
  expect(run.code, run.output).toBe(code);
  return run;
}
