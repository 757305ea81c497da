import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What it prints is heard as it comes, or shown when it has ended. */
function runStep([name, command, args], isHeard) {
  const title = `\n▶ ${name}: ${command} ${args.join(' ')}`;
  if (isHeard) console.log(title);
  const began = Date.now();
  const output = isHeard ? 'inherit' : 'pipe';
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['inherit', output, output] });
    const kept = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => kept.push(data));
    child.on('error', reject);
    child.on('close', (status, signal) => {
      if (!isHeard) process.stdout.write(`${title}\n${Buffer.concat(kept)}`);
      resolve({ name, status, signal, seconds: (Date.now() - began) / 1000 });
    });
  });
}

class Run {
  /** Name and time of each step that has ended. */
  table = [];
  /** The first that failed: no other is begun after it. */
  failed;
  /** Names of steps that were not begun, because it was late. */
  leftOut = [];

  constructor(untilMs) {
    this.untilMs = untilMs;
  }

  async lane(steps, isHeard) {
    for (const step of steps) {
      if (this.failed !== undefined) return;
      if (Array.isArray(step) && Date.now() > this.untilMs) this.leftOut.push(step[0]);
      else if (Array.isArray(step)) this.note(await runStep(step, isHeard));
      else await Promise.all(step.beside.map((lane, index) => this.lane(lane, isHeard && index === 0)));
    }
  }

  note(ended) {
    this.table.push([ended.name, `${ended.seconds.toFixed(1)} s`]);
    if (ended.status !== 0) this.failed ??= ended;
  }
}

/**
 * Runs commands one after the other, says how long each took, and ends this process at the first that fails. In place of a step,
 * `{ beside: [steps, steps] }` runs lists of steps at the same time; what those but the first print is shown when each step ends. After
 * `untilMs` (since the epoch) no further one is begun; which those are is said.
 */
export async function runSteps(steps, untilMs = Number.POSITIVE_INFINITY) {
  const run = new Run(untilMs);
  await run.lane(steps, true);
  if (run.failed !== undefined) {
    const { name, status, signal } = run.failed;
    console.error(`\n${name} failed (${signal ?? `exit ${status}`}).`);
    process.exit(status || 1);
  }
  console.log('');
  for (const [name, seconds] of run.table) console.log(`  ${name.padEnd(24)} ${seconds}`);
  if (run.leftOut.length > 0) console.log(`\nNot begun, because it was late: ${run.leftOut.join(', ')}.`);
}
