#!/usr/bin/env node
// Makes this checkout ready to run: Debian packages, npm packages, compiled code. Does what is missing and nothing else; with
// nothing missing it takes less than a second. Plain Node, because it runs before anything is installed.
// Arguments name Debian packages that are needed besides.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const NODE_MAJOR_MIN = 20;

/** What moves and converts disks, and what makes the disks of tests and demo. */
const packages = [
  'nbdkit',
  'libnbd-bin',
  'qemu-utils',
  'qemu-system-common',
  'qemu-system-x86',
  'qemu-block-extra',
  'virt-v2v',
  'libguestfs-tools',
  'ntfs-3g',
  'openssl',
  'jq',
  ...process.argv.slice(2),
];
/** libguestfs boots a kernel of this machine; a container has none. */
const kernelPackage = 'linux-image-cloud-amd64';

const say = (text) => process.stdout.write(`setup: ${text}\n`);

/** @returns {never} */
function giveUp(text, ...nextSteps) {
  process.stderr.write(`setup: ${text}\n${nextSteps.map((step) => `  - ${step}\n`).join('')}`);
  process.exit(1);
}

const isThere = (program) =>
  (process.env.PATH ?? '').split(':').some((folder) => folder !== '' && existsSync(join(folder, program)));

function run(command, args, env = {}) {
  say(`${command} ${args.join(' ')}`);
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status === 0;
}

function missingPackages() {
  const wanted = [...packages, ...(hasKernel() ? [] : [kernelPackage])];
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Package}\n', ...wanted], { encoding: 'utf8' });
  const installed = new Set(stdout.split('\n').flatMap((line) => (line.startsWith('installed ') ? [line.slice(10)] : [])));
  return wanted.filter((name) => !installed.has(name));
}

const hasKernel = () => existsSync('/boot') && readdirSync('/boot').some((name) => name.startsWith('vmlinuz'));

/**
 * With its package PostgreSQL makes a cluster and starts it, now and with every boot, unless this file says no. Tests make their own.
 * @returns What takes the file away.
 */
function makeNoCluster(asRoot) {
  const folder = '/etc/postgresql-common/createcluster.d';
  const file = `${folder}/migplan.conf`;
  asRoot(['sh', '-c', `mkdir -p ${folder} && echo create_main_cluster = false > ${file}`]);
  return () => asRoot(['rm', '-f', file]);
}

function installPackages() {
  if (!isThere('dpkg-query')) {
    say('this is not Debian: these programs must be there already (Fedora: dnf install nbdkit libnbd qemu-img virt-v2v ntfs-3g)');
    return;
  }
  const missing = missingPackages();
  if (missing.length === 0) return;
  say(`Debian packages to install: ${missing.join(' ')}`);
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...missing];
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !isThere('sudo'))
    giveUp('that needs root, and there is no sudo', `As root: ${install.join(' ')}`, 'Then run this again');
  const asRoot = (words) => {
    const command = ['env', 'DEBIAN_FRONTEND=noninteractive', ...words];
    return isRoot ? run(command[0], command.slice(1)) : run('sudo', command);
  };
  const endOfNoCluster = missing.includes('postgresql') ? makeNoCluster(asRoot) : () => undefined;
  try {
    if (asRoot(install)) return;
    say('once more with fresh package lists');
    if (asRoot(['apt-get', 'update']) && asRoot(install)) return;
  } finally {
    endOfNoCluster();
  }
  giveUp('the packages could not be installed', `See what apt-get said: ${install.join(' ')}`);
}

const lockDigest = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
const modulesStamp = join(root, 'node_modules/.migplan-lock');

/** Fresh when installed from this very lock file; by npm's own note of a later install when nobody left a stamp. */
function hasFreshModules() {
  if (existsSync(modulesStamp)) return readFileSync(modulesStamp, 'utf8') === lockDigest();
  const note = join(root, 'node_modules/.package-lock.json');
  return existsSync(note) && statSync(note).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

function installModules() {
  if (!hasFreshModules()) {
    say('npm packages to install: those of package-lock.json');
    if (!run('npm', ['ci', '--no-audit', '--no-fund'])) giveUp('npm ci failed', 'See what npm said: npm ci');
  }
  if (!existsSync(modulesStamp)) writeFileSync(modulesStamp, lockDigest());
}

/** When a source below this path last changed, in ms. Folders do not count: tests write into them. */
function newestChange(path) {
  const status = statSync(path);
  if (status.isDirectory()) return Math.max(0, ...readdirSync(path).map((name) => newestChange(join(path, name))));
  return /\.(ts|json|mjs)$/.test(path) ? status.mtimeMs : 0;
}

const compiledStamp = join(root, 'dist/.compiled');

function compile() {
  const sources = ['src', 'lab', 'schemas', 'scripts/build.mjs', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
  const newest = Math.max(...sources.map((name) => newestChange(join(root, name))));
  if (existsSync(compiledStamp) && statSync(compiledStamp).mtimeMs >= newest) return;
  const started = new Date();
  if (!run(process.execPath, ['scripts/build.mjs'])) giveUp('the code does not compile');
  writeFileSync(compiledStamp, '');
  // What changed while the compiler ran is newer than this.
  utimesSync(compiledStamp, started, started);
}

const major = Number(process.versions.node.split('.')[0]);
if (major < NODE_MAJOR_MIN) giveUp(`Node ${process.versions.node} is too old`, `Install Node ${NODE_MAJOR_MIN} or newer`);
installPackages();
installModules();
compile();
