import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { CloudConfig } from './config.js';
import { startOpenStackSim } from './index.js';

/**
 * main.js --config cloud.json --state DIR --ready FILE
 *
 * FILE appears complete, as JSON {authUrl, control, pid}, once both ports answer. SIGTERM or SIGINT ends it.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      state: { type: 'string' },
      ready: { type: 'string' },
    },
  });
  const { config, state, ready } = values;
  if (config === undefined || state === undefined || ready === undefined)
    throw new Error('--config, --state and --ready are needed');
  // A file of an earlier run would send clients to a port that is gone.
  rmSync(ready, { force: true });
  const sim = await startOpenStackSim({
    config: JSON.parse(readFileSync(config, 'utf8')) as CloudConfig,
    stateDir: state,
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void sim.close());
  const about = { authUrl: sim.authUrl, control: sim.controlUrl, pid: process.pid };
  writeFileSync(`${ready}.new`, `${JSON.stringify(about)}\n`);
  renameSync(`${ready}.new`, ready);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
