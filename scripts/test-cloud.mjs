// Everything that is tried on a real cloud: set-up, the cloud of lab/openstack, the tests, and the cloud down again, also when
// they fail. Arguments go to vitest: `npm run test:cloud -- boot`. Needs root; MIGPLAN_KEEP leaves the cloud up.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { root, runSteps } from './steps.mjs';
import { tellCountsAtExit } from './test-counts.mjs';

const ENDING = '.cloud.test.ts';
/** Those of the left work in project demo, one after the other, and beside them those of the right, in project other or in none. */
const beside = [
  ['main-job', 'old-cloud', 'boot', 'conformance', 'takeover', 'cut-off', 'deaths'],
  ['linux-guest', 'linux-disk', 'conversion-host'],
];
/** What turns the cloud's switches, and every file that is not named. */
const isAlone = (name) => !beside.flat().includes(name);

const vitest = (...filters) => ['npx', ['vitest', 'run', '--config', 'vitest.cloud.config.ts', ...filters]];
const testStep = (name) => [name, ...vitest(`test/cloud/${name}${ENDING}`)];

function testSteps() {
  const names = readdirSync(`${root}/test/cloud`).flatMap((file) => (file.endsWith(ENDING) ? file.slice(0, -ENDING.length) : []));
  return [{ beside: beside.map((lane) => lane.map(testStep)) }, ...names.filter(isAlone).map(testStep)];
}

const filters = process.argv.slice(2);
const steps = [
  // mmdebstrap makes the Debian guests of lab/guests, one of which is reached by ssh; two machines share a state in PostgreSQL,
  // and one of them has a network of its own.
  ['set-up', process.execPath, ['scripts/setup.mjs', 'mmdebstrap', 'openssh-client', 'postgresql', 'iproute2', 'python3']],
  ['cloud up', 'lab/openstack/up', []],
  ...(filters.length > 0 ? [['tests on the cloud', ...vitest(...filters)]] : testSteps()),
];
const down = () => spawnSync('lab/openstack/down', { cwd: root, stdio: 'inherit' });

// A step that fails ends this process: the cloud must not stay behind.
if (process.env.MIGPLAN_KEEP === undefined) process.on('exit', down);
tellCountsAtExit();
process.on('SIGINT', () => process.exit(130));
// An earlier run that was killed may have left it on.
process.env.MIGPLAN_LAB_STRICT_ROLES ??= 'off';
// A conversion host of machine type q35 gets several disks while it runs.
process.env.MIGPLAN_LAB_PCIE_PORTS ??= '16';
// A run that is cut off has shown nothing: on a slow machine what is begun ends in time, and what is not is named.
const { MIGPLAN_CLOUD_UNTIL: until } = process.env;
await runSteps(steps, until === undefined ? undefined : Number(until) * 1000);
