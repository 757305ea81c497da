// Everything that is tried on a real cloud: set-up, the cloud of lab/openstack, the tests, and the cloud down again, also when
// they fail. Arguments go to vitest: `npm run test:cloud -- boot`. Needs root; MIGPLAN_KEEP leaves the cloud up.

import { spawnSync } from 'node:child_process';
import { root, runSteps } from './steps.mjs';

const node = process.execPath;
const vitest = ['vitest', 'run', '--config', 'vitest.cloud.config.ts', ...process.argv.slice(2)];
const down = () => spawnSync('lab/openstack/down', { cwd: root, stdio: 'inherit' });

// A step that fails ends this process: the cloud must not stay behind.
if (process.env.MIGPLAN_KEEP === undefined) process.on('exit', down);
process.on('SIGINT', () => process.exit(130));
// An earlier run that was killed may have left it on.
process.env.MIGPLAN_LAB_STRICT_ROLES ??= 'off';
// A conversion host of machine type q35 gets several disks while it runs.
process.env.MIGPLAN_LAB_PCIE_PORTS ??= '16';
runSteps([
  // mmdebstrap makes the Debian guest of lab/guests.
  ['set-up', node, ['scripts/setup.mjs', 'mmdebstrap']],
  ['cloud up', 'lab/openstack/up', []],
  ['tests on the cloud', 'npx', vitest],
]);
