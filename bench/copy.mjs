#!/usr/bin/env node
// How long a first copy takes through migplan's data plane, against plain nbdcopy between the same two servers, which is what
// one would type by hand. Interleaved pairs, medians and their ratio. Needs `npm run build`.
//   node bench/copy.mjs [GiB=1] [pairs=5]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDataDisk } from '../dist/lab/guests/make.js';
import { systemClock } from '../dist/src/host/clock.js';
import { openDataPlane } from '../dist/src/transfer/index.js';

const [gib = '1', pairs = '5'] = process.argv.slice(2);
const bytes = Number(gib) * 2 ** 30;
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const source = join(folder, 'source.raw');
const target = join(folder, 'target.raw');
const reader = {
  program: 'nbdkit',
  plugin: 'file',
  args: [`file=${source}`],
  secrets: [],
  requestBytesMax: 2 ** 21,
  connections: 4,
};

const seconds = async (work) => {
  const began = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - began) / 1e9;
};
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

const empty = () => {
  writeFileSync(target, '');
  truncateSync(target, bytes);
};

async function migplan(plane, { from, to }) {
  const extents = await plane.nonZeroExtents(from);
  await plane.copy({ source: from, target: to, extents, skipZeroes: true, requestBytesMax: 2 ** 21, connections: 4 });
}

const byHand = (_plane, { from, to }) => execFileSync('nbdcopy', ['--destination-is-zero', '--flush', from.uri, to.uri]);

try {
  await makeDataDisk(source, { bytes, seed: 1, filledOfEight: 3 });
  const results = { migplan: [], byHand: [] };
  for (let pair = 0; pair < Number(pairs); pair++) {
    for (const [name, copy] of [
      ['migplan', migplan],
      ['byHand', byHand],
    ]) {
      empty();
      const plane = openDataPlane({ runFolder: folder, clock: systemClock });
      const from = await plane.openSource(reader, bytes);
      const to = await plane.openTarget({ driver: 'file', path: target }, bytes);
      results[name].push(await seconds(() => copy(plane, { from, to })));
      await to.close();
      await from.close();
      await plane[Symbol.asyncDispose]();
      execFileSync('cmp', [source, target]);
    }
  }
  const [ours, theirs] = [median(results.migplan), median(results.byHand)];
  console.log(`${gib} GiB disk, 3/8 data, ${pairs} interleaved pairs, ${cpus().length} cores, node ${process.version}`);
  console.log(`migplan data plane  ${ours.toFixed(2)} s   (${results.migplan.map((value) => value.toFixed(2)).join(' ')})`);
  console.log(`nbdcopy by hand     ${theirs.toFixed(2)} s   (${results.byHand.map((value) => value.toFixed(2)).join(' ')})`);
  console.log(`ratio               ${(ours / theirs).toFixed(2)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
