import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { projectRoot } from '../../lab/harness/project-root.js';
import { Origin } from './pipeline-people.js';

export interface ShellResult {
  readonly code: number;
  /** Both streams as they came. */
  readonly output: string;
}

/** Starts a shell as a runner does: nothing of this process's environment but where programs and scratch files are. */
export async function shell(
  project: LabProject,
  {
    program,
    args,
    script,
    env,
  }: { program: string; args: readonly string[]; script: string; env: Readonly<Record<string, string>> },
): Promise<ShellResult> {
  const bin = `${project.folder}.bin`;
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, 'migplan'), `#!/bin/sh\nexec "${process.execPath}" "${projectRoot}/bin/run.js" "$@"\n`, {
    mode: 0o755,
  });
  const file = `${project.folder}.step`;
  await writeFile(file, script);
  const { VCENTER_PASSWORD: _, ...machine } = project.environment;
  const passed = { PATH: `${bin}:${process.env['PATH']}`, HOME: `${project.folder}.home`, CI: 'true', ...machine, ...env };
  const child = spawn(program, [...args, file], { cwd: project.folder, env: passed, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number>((resolve, reject) =>
    child.once('error', reject).once('close', (end) => resolve(end ?? 1)),
  );
  return { code, output };
}

/** MIGPLAN_DATA_DIR: the same path for every job, and the disk of the machine that the job runs on. `labels` choose it. */
export const dataOn = (labels: string, { folder }: LabProject): string =>
  `${folder}.${labels.split(',').includes('migplan') ? 'data' : 'data-of-plans'}`;

export const exampleYaml = async <T>(path: string): Promise<T> =>
  parse(await readFile(join(projectRoot, 'examples', path), 'utf8')) as T;

interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, string>>;
}

export interface Job {
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly 'runs-on': string | readonly string[];
  readonly outputs?: Readonly<Record<string, string>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency?: Readonly<Record<string, unknown>>;
  readonly steps: readonly Step[];
}

export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: object;
  readonly concurrency?: Readonly<Record<string, unknown>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** github, secrets, vars, needs; `steps` is the run's own. */
export type Contexts = Readonly<Record<string, unknown>>;

/** The value of a text with `${{ }}`; operators and truth are those of JavaScript, which are the same for texts and null. */
export function expressed(text: string, contexts: Contexts): unknown {
  const whole = /^\$\{\{(.*)\}\}$/s.exec(text);
  if (whole !== null) return evaluated(whole[1]!, contexts);
  return text.replaceAll(/\$\{\{(.*?)\}\}/g, (_, expression: string) => `${evaluated(expression, contexts) ?? ''}`);
}

function evaluated(expression: string, contexts: Contexts): unknown {
  const safe = expression.replaceAll(/\.(\w+)/g, '?.$1').trim();
  return new Function(...Object.keys(contexts), `return (${safe});`)(...Object.values(contexts));
}

export interface GithubRun {
  readonly code: number;
  readonly output: string;
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** A job of a workflow: `run` by the shell that GitHub starts for `shell: bash`, `uses` by what is known of these three actions. */
export class GithubJob {
  readonly steps: Record<string, { outputs: Record<string, string> }> = {};
  output = '';

  constructor(
    private readonly project: LabProject,
    /** The service's artifacts: a folder each. */
    private readonly artifacts: string,
    private readonly given: Contexts,
  ) {}

  async run(job: Job): Promise<GithubRun> {
    let code = 0;
    await rm(this.file('summary'), { force: true });
    await writeFile(this.file('summary'), '');
    for (const step of job.steps) {
      if (step.if !== undefined && !evaluated(step.if, this.contexts)) continue;
      code = step.run === undefined ? await this.use(step) : await this.shell(step, job);
      if (code !== 0) break;
    }
    const outputs = this.values(job.outputs ?? {});
    return { code, output: this.output, summary: await readFile(this.file('summary'), 'utf8'), outputs };
  }

  private get contexts(): Contexts {
    return { ...this.given, steps: this.steps };
  }

  private file(name: string): string {
    return `${this.project.folder}.${name}`;
  }

  private values(record: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(record).map(([key, text]) => [key, `${expressed(`${text}`, this.contexts) ?? ''}`]));
  }

  private async shell(step: Step, job: Job): Promise<number> {
    await writeFile(this.file('output'), '');
    const env = {
      ...(this.given['environment'] as Record<string, string>),
      GITHUB_STEP_SUMMARY: this.file('summary'),
      GITHUB_OUTPUT: this.file('output'),
      ...this.values({ ...job.env, ...step.env }),
    };
    const args = ['--noprofile', '--norc', '-eo', 'pipefail'];
    const { code, output } = await shell(this.project, { program: 'bash', args, script: step.run!, env });
    this.output += output;
    const lines = (await readFile(this.file('output'), 'utf8')).split('\n').filter((line) => line.includes('='));
    const outputs = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    if (step.id !== undefined) this.steps[step.id] = { outputs };
    return code;
  }

  private async use({ uses, with: given = {} }: Step): Promise<number> {
    const { name = '', path = '', ref = '' } = this.values(given);
    const { folder } = this.project;
    const kept = join(this.artifacts, name);
    const action = uses!.split('@')[0];
    // An artifact cannot be changed: the service answers 409 to a second one of the same name.
    if (action === 'actions/upload-artifact') {
      await mkdir(kept);
      for (const file of path.trim().split('\n')) await cp(join(folder, file), join(kept, basename(file)));
    } else if (action === 'actions/download-artifact') await cp(kept, folder, { recursive: true });
    else if (action !== 'actions/checkout') throw new Error(`no stand-in for ${uses}`);
    else if (path !== '') await new Origin(`${folder}.origin`).checkOut(ref, join(folder, path));
    else for (const file of NOT_IN_GIT) await rm(join(folder, file), { recursive: true, force: true });
    return 0;
  }
}

/** What checkout takes away of earlier runs. */
const NOT_IN_GIT = ['plan.json', 'plan.json.sig', 'plan.json.approvals', '.policy', '.approvals'];
