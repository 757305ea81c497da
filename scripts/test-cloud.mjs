// Everything that is tried on a real cloud: set-up, the cloud of lab/openstack, the tests, and the cloud down again, also when
// they fail. Arguments go to vitest: `npm run test:cloud -- boot`. Needs root; MIGPLAN_KEEP leaves the cloud up. After
// MIGPLAN_CLOUD_UNTIL, a time in seconds since 1970, no further file of tests is begun.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { root, runSteps } from './steps.mjs';
import { tellCountsAtExit } from './test-counts.mjs';

/** What would be missed most comes first; files that are not named come last. */
const order = [
  'main-job',
  'old-cloud',
  'boot',
  'roles',
  'conformance',
  'deaths',
  'conversion-host',
  'linux-guest',
  'faults',
  'linux-disk',
];
const ENDING = '.cloud.test.ts';

const vitest = (...filters) => ['npx', ['vitest', 'run', '--config', 'vitest.cloud.config.ts', ...filters]];
const rankOf = (name) => (order.includes(name) ? order.indexOf(name) : order.length);

function testSteps() {
  const names = readdirSync(`${root}/test/cloud`).flatMap((file) => (file.endsWith(ENDING) ? file.slice(0, -ENDING.length) : []));
  names.sort((a, b) => rankOf(a) - rankOf(b));
  return names.map((name) => [name, ...vitest(`test/cloud/${name}${ENDING}`)]);
}

const filters = process.argv.slice(2);
const steps = [
  // mmdebstrap makes the Debian guests of lab/guests, one of which is reached by ssh.
  ['set-up', process.execPath, ['scripts/setup.mjs', 'mmdebstrap', 'openssh-client']],
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
const until = Number(process.env.MIGPLAN_CLOUD_UNTIL ?? Number.POSITIVE_INFINITY) * 1000;
await runSteps(steps);
