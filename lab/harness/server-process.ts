import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from './project-root.js';

const POLL_MS = 50;
const READY_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 10_000;

export interface ServerProcess<Ready> extends AsyncDisposable {
  readonly ready: Ready;
}

/** Starts a simulator that keeps all it has below `home`, its log too, and resolves when it answers. It must have been compiled. */
export async function startSimulator<Ready>(
  name: 'vcenter-sim' | 'openstack-sim',
  home: string,
  config: object,
): Promise<ServerProcess<Ready>> {
  const [configFile, ready, log] = ['config.json', 'ready.json', 'log'].map((file) => join(home, file)) as [
    string,
    string,
    string,
  ];
  await mkdir(home, { recursive: true });
  await writeFile(configFile, JSON.stringify(config), { mode: 0o600 });
  await rm(ready, { force: true });
  const main = join(projectRoot, 'dist/lab', name, 'main.js');
  const args = [main, '--config', configFile, '--state', join(home, 'state'), '--ready', ready];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = createWriteStream(log, { flags: 'a' });
  child.stdout.pipe(output);
  child.stderr.pipe(output);
  return { ready: await readiness<Ready>(child, { ready, log }), [Symbol.asyncDispose]: () => stop(child) };
}

async function readiness<Ready>(child: ChildProcess, { ready, log }: { ready: string; log: string }): Promise<Ready> {
  for (let waited = 0; waited < READY_WITHIN_MS; waited += POLL_MS) {
    if (child.exitCode !== null) throw new Error(`a lab server ended at once:\n${await readFile(log, 'utf8')}`);
    try {
      return JSON.parse(await readFile(ready, 'utf8')) as Ready;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    await sleep(POLL_MS);
  }
  child.kill('SIGKILL');
  throw new Error(`a lab server was not ready after ${READY_WITHIN_MS} ms:\n${await readFile(log, 'utf8')}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}
