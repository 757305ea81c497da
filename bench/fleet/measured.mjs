import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const run = new URL('../../bin/run.js', import.meta.url).pathname;

/** Told by the process itself when it ends: seconds of processor, and MiB. */
const telling = `data:text/javascript,${encodeURIComponent(`
import { writeFileSync } from 'node:fs';
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeFileSync(process.env.FLEET_USAGE, JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, MiB: maxRSS / 1024 }));
});`)}`;

/** The real program from its start to its end: seconds of processor and of time, MiB, and what it told. Throws where it does not end with 0. */
export async function measured(project, args, environment = {}) {
  const file = join(tmpdir(), `fleet-usage-${process.pid}`);
  const env = { ...process.env, ...project.environment, ...environment, NO_COLOR: '1', FLEET_USAGE: file };
  const began = performance.now();
  const child = spawn(process.execPath, ['--import', telling, run, ...args], {
    cwd: project.folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (told += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`migplan ${args.join(' ')}: exit ${code}\n${told.slice(-4000)}`);
  const usage = JSON.parse(await readFile(file, 'utf8'));
  return { ...usage, seconds: (performance.now() - began) / 1000, told };
}

/** What is not met ends the benchmark with 1, once all is measured. */
export function met(isMet) {
  if (!isMet) process.exitCode = 1;
  return isMet ? 'met' : 'NOT MET';
}
