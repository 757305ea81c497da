import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { CloudConfig } from './config.js';
import { startOpenStackSim } from './index.js';

/**
 * main.js --config cloud.json --state DIR --ready FILE [--port N] [--control-port N] [--tls]
 *
 * FILE appears complete, as JSON {authUrl, control, pid, caFile?}, once both ports answer. SIGTERM or SIGINT ends it.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      state: { type: 'string' },
      ready: { type: 'string' },
      port: { type: 'string', default: '0' },
      'control-port': { type: 'string', default: '0' },
      tls: { type: 'boolean', default: false },
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
    port: Number(values.port),
    controlPort: Number(values['control-port']),
    tls: values.tls,
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void sim.close());
  const about = {
    authUrl: sim.authUrl,
    control: sim.controlUrl,
    pid: process.pid,
    ...(sim.caFile !== undefined && { caFile: sim.caFile }),
  };
  writeFileSync(`${ready}.new`, `${JSON.stringify(about)}\n`);
  renameSync(`${ready}.new`, ready);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
