// Around `npm pack`: what is installed from the package is what the lock file says, security overrides included, which npm takes from a
// shrinkwrap only. `make` writes it, `remove` takes it away: beside the lock file it would be in the way of npm ci.
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './steps.mjs';

const shrinkwrap = join(root, 'npm-shrinkwrap.json');
const acts = {
  make: () => copyFileSync(join(root, 'package-lock.json'), shrinkwrap),
  remove: () => rmSync(shrinkwrap, { force: true }),
};
acts[process.argv[2]]();
