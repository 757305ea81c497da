import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { CliProject } from './cli.js';
import { projectRoot } from './project-root.js';

/** What a CI agent is to a program: its parent, and the only reader of its standard output and error. */
const AGENT = `
const { spawn } = require('node:child_process');
const child = spawn(process.execPath, process.argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
process.stdout.write(child.pid + '\\n');
child.stdout.resume();
child.stderr.resume();
`;

export interface AgentRun {
  /** Of the program. */
  readonly pid: number;
  /** Kills the agent alone; resolves when it is gone, and the program has no parent and no reader any more. */
  killAgent(): Promise<void>;
}

/** Starts the real program as the child of an agent that can be killed. */
export async function startByAgent(project: CliProject, args: readonly string[]): Promise<AgentRun> {
  const agent = spawn(process.execPath, ['-e', AGENT, join(projectRoot, 'bin/run.js'), ...args], {
    cwd: project.folder,
    env: { ...process.env, NO_COLOR: '1', ...project.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [first] = (await once(agent.stdout, 'data')) as [Buffer];
  const gone = once(agent, 'exit');
  return {
    pid: Number(first.toString()),
    async killAgent() {
      agent.kill('SIGKILL');
      await gone;
    },
  };
}
