#!/usr/bin/env node
// Breaks the crash safety on purpose, one edit at a time in a scratch copy, and fails unless test/crash notices each.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const vitest = join(root, 'node_modules/vitest/vitest.mjs');

const sync = 'src/apply/actions/sync.ts';
const copy = 'src/apply/copy-disk.ts';
const convert = 'src/apply/actions/convert.ts';
const assessment = 'src/plan/core/disk-assessment.ts';
const oneConversion = 'src/plan/core/one-conversion.ts';
const planSync = 'src/plan/sync/plan-sync.ts';
const copies = 'src/plan/sync/plan-copies.ts';
const seal = 'src/apply/actions/finalize-copy.ts';
const commitLine =
  "    await writeState(context, disk, { state: { kind: 'clean', at: snapshotDisk.changeId }, cycle, capacity, origin });\n";

/**
 * name, file, text to find, text to put in its place, the file of test/crash that is known to notice, where it is not `reconcile`, and what
 * else is changed, where something else would stop it as well: file, find, replace of each.
 */
const mutants = [
  [
    'clean is written before the bytes',
    sync,
    '        const copied = await attachments.during(',
    `    ${commitLine}        const copied = await attachments.during(`,
  ],
  [
    'a later change id than the snapshot’s',
    sync,
    "const state = { kind: 'clean', at: snapshotDisk.changeId,",
    "const state = { kind: 'clean', at: snapshotDisk.changeId && { ...snapshotDisk.changeId, sequence: snapshotDisk.changeId.sequence + 1 },",
  ],
  ['a reader keeps its place on the old conversion host', sync, 'async () => reader.release?.(),', 'async () => undefined,'],
  ['no dirty mark before writing', sync, / {4}await writeState\(context, disk, \{\s*state: dirtyState[\s\S]*?\}\);\n/, ''],
  [
    'copies are not flushed',
    'lab/sim/world.ts',
    '      this.flush(volume);\n    },\n    firstDifference',
    '    },\n    firstDifference',
  ],
  [
    'a checkpoint before its batch',
    copy,
    'await (job.isRepair ? repairBatch : copyBatch)(',
    'await checkpoint(job, end, context);\n    await (job.isRepair ? repairBatch : copyBatch)(',
  ],
  ['a checkpoint beyond its batch', copy, 'await checkpoint(job, end, context)', 'await checkpoint(job, end + 1, context)'],
  [
    'what an earlier run left is not zeroed',
    copy,
    'const stale = clip(await dataPlane.nonZeroExtents(target, signal), region);',
    'const stale: Extent[] = [];',
  ],
  ['zeroes are skipped over stale data', copy, 'overZeroes: subtract(data, stale) }', 'overZeroes: union(data, stale) }'],
  [
    'the continued part is not brought up to date',
    copy,
    'of batches(recopyExtents, context.settings.batchBytes).entries())',
    'of batches([], context.settings.batchBytes).entries())',
  ],
  [
    'no committing mark before merging',
    convert,
    "await moveTo(context, key, { kind: 'committing', run });",
    "context.records.set(key, { ...context.records.get(key)!, state: { kind: 'committing', from: (context.records.get(key)!.state as { at: never }).at } });",
  ],
  [
    'converted is written before merging',
    convert,
    "if (stateKind(context, disk.key) === 'committing') await commitOne(context, disk);",
    "if (stateKind(context, disk.key) === 'committing') {\n      await moveTo(context, disk.key, { kind: 'converted', run });\n      await commitOne(context, disk);\n    }",
  ],
  [
    'a half conversion takes deltas',
    assessment,
    "if (record.state.kind === 'committing') return { kind: 'committing', volume, run: record.run };",
    "if (record.state.kind === 'committing') return { kind: 'delta', volume, since: record.state.from!, clean: true };",
  ],
  [
    'virt-v2v begins before the last sync',
    'src/plan/plan-migration.ts',
    '...syncs.actions,\n    ...(desired.cutover ? [...planConversion(context), ...planServer(context)] : []),',
    '...(desired.cutover ? [...planConversion(context), ...planServer(context)] : []),\n    ...syncs.actions,',
    'reconcile',
    [[convert, / {2}requireSameCycle\(context, disks\);\n {2}await requireOff\(context, 'once'\);\n/, '']],
  ],
  [
    'a converted volume takes deltas',
    assessment,
    "if (record.state.kind === 'converted') return { kind: 'converted', volume };",
    "if (record.state.kind === 'converted') return { kind: 'delta', volume, since: record.state.from!, clean: true };",
  ],
  [
    'a half first copy counts as complete',
    assessment,
    'state.base === undefined) return unfinishedCopy(record, subject);',
    "state.base === undefined) return current === undefined ? { kind: 'create' } : { kind: 'delta', volume, since: current, clean: true };",
  ],
  ['leftover snapshots stay', 'src/plan/plan-migration.ts', 'return [...attachments, ...snapshots, ', 'return [...attachments, '],
  ['leftover attachments stay', 'src/plan/plan-migration.ts', 'return [...attachments, ...snapshots, ', 'return [...snapshots, '],
  [
    'the source runs during the final delta',
    planSync,
    "return [live, ...measured, powerOff, afterLive(context, 'final', nextCycle(context) + 1 + measured.length)];",
    "return [live, ...measured, afterLive(context, 'final', nextCycle(context) + 1 + measured.length), powerOff];",
  ],
  [
    'a copied server keeps running during its final copy',
    copies,
    "actions: [...powerOff, copyOf(context, 'cold')]",
    "actions: [copyOf(context, 'live'), ...powerOff]",
  ],
  [
    'an earlier copy of a cloud server passes for its last',
    assessment,
    "return unfinished ? { kind: 'full', volume, reason: 'interrupted-full' } : blocked(noDelta(volume, requestsFor(observed)));",
    "return { kind: 'complete', volume };",
  ],
  [
    'disks are sealed before they are copied',
    'src/plan/plan-migration.ts',
    '...syncs.actions,\n    ...(desired.cutover ? [...planConversion(context), ...planServer(context)] : []),',
    '...(desired.cutover ? [...planConversion(context), ...planServer(context)] : []),\n    ...syncs.actions,',
  ],
  ['one mark proves nothing', oneConversion, 'return isEach && ', 'return isEach && kinds.length < 0 && ', 'other-machine'],
  ['marks without any that proves them', oneConversion, "kinds.includes('converted') && ", '', 'other-machine'],
  ['nothing is sealed', seal, "kind: 'converted', from: state.at", "kind: 'clean', at: state.at"],
  ['only the first disk is sealed', seal, 'for (const disk of disks) await', 'for (const disk of disks.slice(0, 1)) await'],
  [
    'a server half sealed is copied again',
    'src/plan/plan-migration.ts',
    "if (context.vm.traits.conversion === 'none') return planFinalizeRest(context, found);",
    "if (context.vm.traits.conversion === 'none') return planWork(context, found);",
  ],
  [
    'reverts: a boot time is not asked for',
    'src/plan/core/reverts.ts',
    'if (bootedAt !== undefined && booted !== undefined && Math.abs(booted - bootedAt) <= BOOT_TOLERANCE_SECONDS) return no;',
    'if (isThere) return no;',
    'revert',
  ],
  [
    'reverts: an equal id counts as later',
    'src/plan/core/reverts.ts',
    'return newest !== undefined && sequence <= newest;',
    'return newest !== undefined && sequence < newest;',
    'revert',
  ],
  [
    'reverts: a number that went back is forgotten',
    'src/apply/same-line.ts',
    'for (const disk of context.records.keys()) await noteRevert(context, disk);',
    'void noteRevert;',
    'revert',
  ],
  [
    'a comparison does not write what differs',
    'src/apply/repair-extents.ts',
    'await dataPlane.copy({ ...copy, extents: part, skipZeroes: false });',
    'void part;',
    'windows',
  ],
  [
    'a comparison leaves what became zero',
    'src/apply/repair-extents.ts',
    'extents: part, skipZeroes: false });',
    'extents: part, skipZeroes: true });',
    'windows',
  ],
  [
    'a comparison ends at the first difference',
    'src/apply/repair-extents.ts',
    /remainingExtents = clip\(remainingExtents, .*\);/,
    'remainingExtents = [];',
    'windows',
  ],
  [
    'a comparison that was stopped copies what it had compared',
    'src/plan/core/disk-assessment.ts',
    "kind: 'full', volume, reason: 'interrupted-full', ...repair,",
    "kind: 'full', volume, reason: 'interrupted-full',",
    'windows',
  ],
  [
    'a reseed that was stopped begins again each time',
    'src/plan/core/reseed.ts',
    "record.state.base === undefined) return 'begun';",
    "record.state.base === undefined) return 'due';",
    'repair',
  ],
  [
    'an adoption that was stopped is copied',
    assessment,
    'if (isAdoption(record)) return',
    'if (isAdoption(record) && record.cycle < 0) return',
    'adoption',
  ],
  ['an adoption leaves no mark', sync, 'if (isAdoption) return { reseed: { request: adoptionMark } };', '', 'adoption'],
  [
    'the tool that began a volume keeps its mark on it',
    'src/apply/records.ts',
    '{ ...disowned, ...metadataOf(record, context) }',
    'encodeRecord(record)',
    'adoption',
  ],
  [
    'what is missing on the volume is not copied',
    copy,
    'await copyBatch({ extents: overZeroes, overZeroes }, open, { context, progress });',
    '',
    'adoption',
  ],
  ['an adoption passes its limit', 'src/apply/repair-extents.ts', 'allow(more);', '', 'adoption'],
  [
    'an adoption passes its limit by what is missing',
    copy,
    'requireWithinAdoption(progress.job, progress.repaired + missing, context);',
    '',
    'adoption',
  ],
  ['a reseed is carried out at every sync', 'src/plan/core/reseed.ts', "? 'due' : 'done';", "? 'due' : 'due';", 'repair'],
  [
    'reverts: the number that is being copied is not noted',
    sync,
    'const writing = base === undefined && partial === undefined ? undefined : snapshotDisk.changeId?.sequence;',
    'const writing = undefined as number | undefined;',
    'revert',
  ],
  [
    'reverts: the number that continues a first copy is not noted',
    sync,
    'const writing = base === undefined && partial === undefined ?',
    'const writing = base === undefined ?',
    'revert',
  ],
  [
    'reverts: the source is asked about disks that wait for a merge',
    assessment,
    "if (record.state.kind === 'clean' && waitsForTheRest(record, observed)) return { kind: 'complete', volume };",
    'void waitsForTheRest;',
    'revert',
  ],
  ['a closed window is not noticed', copy, 'if (isLive) requireTimeToGoOn(context);', 'void requireTimeToGoOn;', 'windows'],
  [
    'a guest that lacks the drivers of its hardware is merged',
    convert,
    "heed(judgement, context, 'nothing was merged,",
    "heed({ ...judgement, refusals: [] }, context, 'nothing was merged,",
  ],
  [
    'tracking stays off while the VM is off',
    planSync,
    'desired.cbtSync && !vm.cbt.enabled ?',
    "desired.cbtSync && !vm.cbt.enabled && vm.power === 'on' ?",
  ],
];

/** What of the project the tests of crashes need. */
const copied = ['src', 'lab/sim', 'test/crash', 'package.json', 'tsconfig.json', 'vitest.config.ts', 'test/longest-first.ts'];

/** Each waits for one vitest, which keeps less than a core busy. */
const WORKERS = 3;

/** Its exit code, and all it wrote. */
function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, options);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output }));
  });
}

/** Whether a test of these ran and failed: a mutant that does not even load proves nothing. */
async function isNoticedBy(tests, scratch) {
  const { status, output } = await run(
    process.execPath,
    [vitest, 'run', '--project', 'wire', '--bail', '1', '--reporter', 'default', tests],
    { cwd: scratch, env: { ...process.env, NO_COLOR: '1', VITEST_MAX_WORKERS: '1' } },
  );
  return status !== 0 && /Tests +\d+ failed/.test(output);
}

/** Those that are known to notice go first, which is most of the time saved; any other counts as well. */
async function isCaught([, file, find, replace, known = 'reconcile', more = []]) {
  const scratch = mkdtempSync(join(tmpdir(), 'mutant-'));
  try {
    for (const part of copied) cpSync(join(root, part), join(scratch, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(scratch, 'node_modules'));
    for (const [place, from, to] of [[file, find, replace], ...more]) {
      const path = join(scratch, place);
      const text = readFileSync(path, 'utf8');
      writeFileSync(
        path,
        text.replace(from, () => to),
      );
    }
    return (await isNoticedBy(`test/crash/${known}`, scratch)) || (await isNoticedBy('test/crash', scratch));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

// Before the first of them runs: the code moves on, and a mutant that changes nothing proves nothing.
const changesNothing = ([file, find, replace]) => {
  const text = readFileSync(join(root, file), 'utf8');
  return text.replace(find, () => replace) === text;
};
const lost = mutants.filter(([, file, find, replace, , more = []]) => [[file, find, replace], ...more].some(changesNothing));
if (lost.length > 0) throw new Error(`no such text any more: ${lost.map(([name, file]) => `${name} (${file})`).join('; ')}`);
if (process.argv.includes('--texts')) process.exit(0);

const only = process.argv[2];
const left = mutants.filter(([name]) => only === undefined || name.includes(only));
let survived = 0;

async function work() {
  for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
    const caught = await isCaught(mutant);
    if (!caught) survived++;
    console.log(`${caught ? 'caught  ' : 'SURVIVED'}  ${mutant[0]}`);
  }
}

await Promise.all(Array.from({ length: WORKERS }, work));
console.log(survived === 0 ? 'Every mutant was caught.' : `${survived} survived.`);
process.exit(survived === 0 ? 0 : 1);
