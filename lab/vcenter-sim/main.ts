import { readFile, rename, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startVcenterSim, type WorldConfig } from './index.js';

const USAGE = 'usage: main.js --config world.json --state DIR --ready FILE';

/** Runs the simulator as a process until SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      state: { type: 'string' },
      ready: { type: 'string' },
    },
  });
  const { config, state, ready } = values;
  if (config === undefined || state === undefined || ready === undefined) throw new Error(USAGE);
  const world = JSON.parse(await readFile(config, 'utf8')) as WorldConfig;
  const sim = await startVcenterSim({
    config: world,
    directory: state,
  });
  const stop = (): void => void sim.close().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const { server, caFile, sha1, sha256, controlUrl } = sim;
  await writeAtomically(ready, `${JSON.stringify({ server, caFile, sha1, sha256, control: controlUrl, pid: process.pid })}\n`);
}

/** Whoever waits for the file never sees a part of it. */
async function writeAtomically(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
