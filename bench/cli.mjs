#!/usr/bin/env node
// How long a person waits for an answer that needs no network, and for the first connection where one is needed: whole processes of the
// built program against an empty Node, interleaved, medians, their ratio, and whether it is what is wanted. Needs `npm run build`.
//   npm run bench:cli [-- ROUNDS=9]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const rounds = Number(process.argv[2] ?? 9);
const run = join(root, 'bin/run.js');
const scratch = mkdtempSync(join(tmpdir(), 'bench-cli-'));

/** The vCenter and the cloud in one, for whom nobody needs to wait: connections are told, and never answered. */
const listener = createServer();
listener.listen(0, '127.0.0.1');
await once(listener, 'listening');
const { port } = listener.address();

const project = `apiVersion: migplan.dev/v1alpha1
kind: Project
metadata: {name: bench}
spec:
  providers:
    vc: {type: vmware, server: '127.0.0.1:${port}', user: u, password: 'env:BENCH_PASSWORD', reader: {type: vddk, libdir: /none}}
    cloud: {type: openstack, access: {type: cinder}}
`;
const migration = (name) => `apiVersion: migplan.dev/v1alpha1
kind: Migration
metadata: {name: ${name}}
spec:
  source: {provider: vc, vm: /DC1/vm/${name}}
  target: {provider: cloud}
  phase: sync
`;

function folderOf(count) {
  const folder = join(scratch, String(count));
  mkdirSync(join(folder, 'manifests'), { recursive: true });
  writeFileSync(join(folder, 'migplan.yaml'), project);
  for (let at = 0; at < count; at++) writeFileSync(join(folder, `manifests/vm-${at}.yaml`), migration(`vm-${at}`));
  return folder;
}

const rows = [
  { name: 'empty node', args: ['-e', '0'] },
  { name: '--version', args: [run, '--version'], most: 2.5 },
  { name: '--help', args: [run, '--help'], most: 2.5 },
  { name: 'plan --help', args: [run, 'plan', '--help'], most: 2.5 },
  { name: 'validate, 1 manifest', args: [run, 'validate', '--chdir', folderOf(1)], most: 4 },
  { name: 'validate, 1,000 manifests', args: [run, 'validate', '--chdir', folderOf(1000)] },
  { name: 'plan, until it connects', args: [run, 'plan', '--chdir', folderOf(1)], most: 5, connects: true },
];

const env = {
  ...process.env,
  BENCH_PASSWORD: 'secret0',
  NO_COLOR: '1',
  OS_AUTH_URL: `http://127.0.0.1:${port}/v3`,
  OS_USERNAME: 'bench',
  OS_PASSWORD: 'secret0',
  OS_PROJECT_NAME: 'bench',
};

/** Milliseconds until the process ended, or connected. */
async function timeOf({ name, args, connects = false }) {
  const connected = connects ? once(listener, 'connection') : undefined;
  const began = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (told += text));
  const closed = once(child, 'close');
  const [first] = await Promise.race([closed, ...(connected === undefined ? [] : [connected])]);
  const took = performance.now() - began;
  if (connects && typeof first === 'object' && first !== null) {
    child.kill('SIGKILL');
    first.destroy();
    await closed;
  } else if (connects || first !== 0) throw new Error(`${name}: exit ${first}\n${told}`);
  return took;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const took = new Map(rows.map(({ name }) => [name, []]));
try {
  for (let round = 0; round < rounds; round++) for (const row of rows) took.get(row.name).push(await timeOf(row));
} finally {
  listener.close();
  rmSync(scratch, { recursive: true, force: true });
}
/** What is not met ends the benchmark with 1, once all is measured. */
function met(isMet) {
  if (!isMet) process.exitCode = 1;
  return isMet ? 'met' : 'NOT MET';
}
const base = median(took.get('empty node'));
console.log(
  `migplan ${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}, Node ${process.version}, ${cpus().length} cores, ${rounds} rounds`,
);
for (const { name, most } of rows) {
  const ms = median(took.get(name));
  const wanted = most === undefined ? '' : `  at most ${most}: ${met(ms / base <= most)}`;
  console.log(`${name.padEnd(28)} ${ms.toFixed(0).padStart(6)} ms  ${(ms / base).toFixed(2).padStart(6)} x${wanted}`);
}
const each = (median(took.get('validate, 1,000 manifests')) - median(took.get('validate, 1 manifest'))) / 999;
console.log(`each further manifest        ${each.toFixed(2).padStart(6)} ms           at most 0.8: ${met(each <= 0.8)}`);
