import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from './project-root.js';
import { countedAs } from './waits.js';

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Gets everything printed as it comes. */
  readonly onOutput?: (text: string) => void;
  /** Program, with its arguments, that starts it: such as one that makes another machine of this one. */
  readonly through?: readonly string[];
  /** Descriptor that standard output and error go to; what is printed is not told then. */
  readonly output?: number;
}

/** Where the program is started, and with what in its environment. */
export interface CliProject {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface RunningCli {
  readonly child: ChildProcess;
  /** Everything printed so far. */
  told(): string;
  readonly finished: Promise<CliResult>;
}

/** Starts the real program in the project's folder, as an operator does. */
export function startCli(
  project: CliProject,
  args: readonly string[],
  { env = {}, onOutput, output, through = [] }: CliOptions = {},
): RunningCli {
  const [program, ...words] = [...through, process.execPath, join(projectRoot, 'bin/run.js'), ...args] as const;
  const child = spawn(program!, words, {
    cwd: project.folder,
    env: { ...process.env, NO_COLOR: '1', ...project.environment, ...env },
    stdio: ['ignore', output ?? 'pipe', output ?? 'pipe'],
  });
  const told = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      told[stream] += text;
      onOutput?.(text);
    });
  }
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...told }));
  });
  const finished = countedAs(`migplan ${args[0] ?? ''}`, ended);
  return { child, told: () => `${told.stdout}${told.stderr}`, finished };
}

export const runCli = (project: CliProject, args: readonly string[], options: CliOptions = {}): Promise<CliResult> =>
  startCli(project, args, options).finished;
