// Python that is no language of this repository's other tools: what runs on conversion hosts, which may have the Python of RHEL 8, the
// Ansible collection, and the lab's cloud. pyflakes finds what would fail only when it is reached.
import { spawnSync } from 'node:child_process';
import { root } from './steps.mjs';

/** The oldest Python that runs what stands below a folder. */
const OLDEST = { 'src/': [3, 6], 'ansible/': [3, 9] };
const run = (command, args) => {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error?.code === 'ENOENT') console.error(`${command} is not installed: apt-get install pyflakes3`);
  return status === 0;
};
const listed = spawnSync('git', ['ls-files', '*.py'], { cwd: root, encoding: 'utf8' }).stdout;
const files = listed.split('\n').filter((name) => name !== '');
const parses = Object.entries(OLDEST).map(([folder, oldest]) => {
  const shipped = files.filter((name) => name.startsWith(folder));
  if (shipped.length === 0) throw new Error(`no Python in ${folder}: the check looks in the wrong place`);
  const parse = `import ast, sys
for name in sys.argv[1:]:
    ast.parse(open(name, encoding="utf-8").read(), name, feature_version=(${oldest.join(', ')}))`;
  return run('python3', ['-c', parse, ...shipped]);
});
const isFine = [run('pyflakes3', files), ...parses].every(Boolean);
process.exit(isFine ? 0 : 1);
