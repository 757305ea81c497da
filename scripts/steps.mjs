import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Runs commands one after the other, says how long each took, and stops at the first that fails. A step for which `isLate` says
 * so is not begun, and the table says that.
 */
export function runSteps(steps, { isLate = (_name) => false } = {}) {
  const table = [];
  for (const [name, command, args] of steps) {
    if (isLate(name)) {
      table.push([name, 'NOT RUN: no time was left']);
      continue;
    }
    console.log(`\n▶ ${name}: ${command} ${args.join(' ')}`);
    const began = Date.now();
    const { status, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
    table.push([name, `${((Date.now() - began) / 1000).toFixed(1)} s`]);
    if (status !== 0) {
      console.error(`\n${name} failed (${signal ?? `exit ${status}`}).`);
      process.exit(status ?? 1);
    }
  }
  console.log('');
  for (const [name, seconds] of table) console.log(`  ${name.padEnd(24)} ${seconds}`);
}
