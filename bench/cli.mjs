#!/usr/bin/env node
// How long a person waits for an answer that needs no network: whole processes of the built program against an empty Node, interleaved,
// medians and their ratio. Needs `npm run build`.
//   npm run bench:cli [-- ROUNDS=9]
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const rounds = Number(process.argv[2] ?? 9);
const run = join(root, 'bin/run.js');
const scratch = mkdtempSync(join(tmpdir(), 'bench-cli-'));

const project = `apiVersion: migplan.dev/v1alpha1
kind: Project
metadata: {name: bench}
spec:
  providers:
    vc: {type: vmware, server: '127.0.0.1:1', user: u, password: 'env:BENCH_PASSWORD', reader: {type: vddk, libdir: /none}}
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
  // Nobody listens at the vCenter's address: this is all that comes before the first byte goes out.
  { name: 'plan, no vCenter', args: [run, 'plan', '--chdir', folderOf(1)], most: 5, status: 1 },
];

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const took = new Map(rows.map(({ name }) => [name, []]));
try {
  for (let round = 0; round < rounds; round++) {
    for (const { name, args, status = 0 } of rows) {
      const env = { ...process.env, BENCH_PASSWORD: 'secret0', NO_COLOR: '1' };
      const began = process.hrtime.bigint();
      const ended = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
      took.get(name).push(Number(process.hrtime.bigint() - began) / 1e6);
      if (ended.status !== status) throw new Error(`${name}: exit ${ended.status}\n${ended.stdout}${ended.stderr}`);
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
const base = median(took.get('empty node'));
console.log(
  `migplan ${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}, Node ${process.version}, ${cpus().length} cores, ${rounds} rounds`,
);
for (const { name, most } of rows) {
  const ms = median(took.get(name));
  const wanted = most === undefined ? '' : ms / base <= most ? `  (at most ${most})` : `  MORE THAN ${most}`;
  console.log(`${name.padEnd(28)} ${ms.toFixed(0).padStart(6)} ms  ${(ms / base).toFixed(2).padStart(6)} x${wanted}`);
}
const each = (median(took.get('validate, 1,000 manifests')) - median(took.get('validate, 1 manifest'))) / 999;
console.log(
  `each further manifest        ${each.toFixed(2).padStart(6)} ms${each <= 0.8 ? '  (at most 0.8)' : '  MORE THAN 0.8'}`,
);
