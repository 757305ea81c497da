#!/usr/bin/env node
// Takes rules out of the program on purpose, one at a time in a scratch copy, and fails unless the campaign finds each: says after how
// many worlds. `node scripts/campaign-mutants.mjs [part of a name] [--minutes M]`.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { root } from './steps.mjs';

const sync = 'src/apply/actions/sync.ts';
const convert = 'src/apply/actions/convert.ts';
const commitLine =
  "    await writeState(context, disk, { state: { kind: 'clean', at: snapshotDisk.changeId }, cycle, capacity, origin });\n";

/** name, file, text to find and text to put in its place (or pairs of these), and what the rules that it breaks are called */
const mutants = [
  [
    'nobody looks for reverts',
    'src/plan/core/reverts.ts',
    [
      ['  if (isReverted === true)', '  if (isReverted !== true) return no;\n  if (isReverted === true)'],
      ['sequence <= newest', 'sequence < newest'],
    ],
    undefined,
    /wrong after revert/,
  ],
  [
    'tracking that is younger than a snapshot counts',
    'src/plan/checks/tracking-age.ts',
    'snapshots.filter(({ ref, trackedDisks })',
    'snapshots.slice(0, 0).filter(({ ref, trackedDisks })',
    /wrong after (revert and )?tracked late/,
  ],
  [
    'clean is written before the bytes',
    sync,
    '        const copied = await attachments.during(',
    `    ${commitLine}        const copied = await attachments.during(`,
    /wrong/,
  ],
  [
    'a later change id than the snapshot’s',
    sync,
    'at: snapshotDisk.changeId }, cycle',
    'at: snapshotDisk.changeId && { ...snapshotDisk.changeId, sequence: snapshotDisk.changeId.sequence + 1 } }, cycle',
    /clean without a snapshot|wrong/,
  ],
  [
    'no dirty mark before writing',
    sync,
    / {4}await writeState\(context, disk, \{\s*state: dirtyState[\s\S]*?\}\);\n/,
    '',
    /wrong/,
  ],
  [
    'what an earlier run left is not zeroed',
    'src/apply/copy-disk.ts',
    'const stale = clip(await dataPlane.nonZeroExtents(target, signal), region);',
    'const stale: Extent[] = [];',
    /wrong/,
  ],
  [
    'a checkpoint beyond its batch',
    'src/apply/copy-disk.ts',
    'await checkpoint(job, end, context)',
    'await checkpoint(job, end + 1, context)',
    /wrong/,
  ],
  [
    'a disk that grew takes a delta',
    'src/plan/core/disk-assessment.ts',
    'if (disk.capacity !== record.capacity)',
    'if (disk.capacity < 0)',
    /wrong|fails each time|never settles/,
  ],
  [
    'another disk in the slot takes a delta',
    'src/plan/core/disk-assessment.ts',
    '!== record.identity.diskUuid) return',
    "=== 'x') return",
    /wrong|fails each time|never settles/,
  ],
  [
    'tracking that began anew takes a delta',
    'src/plan/core/disk-assessment.ts',
    'if (!sameEpoch(since, current)) return',
    'if (since === current) return',
    /fails each time|wrong/,
  ],
  [
    'nobody needs to approve',
    'src/cli/approve.ts',
    'const mustName = allowCutover ? [] : cutovers;',
    'const mustName: PlannedEntry[] = [];',
    /powered off|converted$/,
  ],
  [
    'converted is written before merging',
    convert,
    "if (stateKind(context, disk.key) === 'committing') await commitOne(context, disk);",
    "if (stateKind(context, disk.key) === 'committing') {\n      await moveTo(context, disk.key, { kind: 'converted', run });\n      await commitOne(context, disk);\n    }",
    /converted and wrong/,
  ],
  [
    'a source that was started again is converted',
    'src/apply/actions/power-off.ts',
    "if (state !== 'off') throw",
    "if (state === 'suspended') throw",
    /runs|last writes|two of one guest/,
  ],
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '2' }, seed: { type: 'string', default: '1' } },
});

/** The line by which the campaign told a broken rule of these; undefined when time was up. */
function hunt(scratch, rules) {
  const options = ['--seed', values.seed, '--minutes', values.minutes, '--keep-going'];
  const child = spawn(process.execPath, ['dist/test/campaign/main.js', ...options], { cwd: scratch });
  return new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const rule = /broke a rule in world \d+: (.*)/.exec(line)?.[1] ?? '';
      if (!rules.test(rule)) return;
      resolve(line.trim());
      child.kill();
    });
    child.on('close', () => resolve(undefined));
  });
}

async function play([, file, find, replace, rules]) {
  const scratch = mkdtempSync(join(tmpdir(), 'mutant-'));
  try {
    for (const part of [
      'src',
      'lab',
      'schemas',
      'test/campaign',
      'package.json',
      'tsconfig.json',
      'tsconfig.build.json',
      'tsconfig.campaign.json',
    ])
      cpSync(join(root, part), join(scratch, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(scratch, 'node_modules'));
    const path = join(scratch, file);
    for (const [text, other] of Array.isArray(find) ? find : [[find, replace]]) {
      const before = readFileSync(path, 'utf8');
      const after = before.replace(text, () => other);
      if (after === before) throw new Error(`${file} has no such text any more: ${text}`);
      writeFileSync(path, after);
    }
    const compile = [
      'node_modules/typescript-native/bin/tsc',
      '-p',
      'tsconfig.campaign.json',
      '--noUnusedLocals',
      'false',
      '--noUnusedParameters',
      'false',
    ];
    const compiled = spawnSync(process.execPath, compile, { cwd: scratch, encoding: 'utf8' });
    if (compiled.status !== 0) throw new Error(compiled.stdout);
    return await hunt(scratch, rules);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

let survived = 0;
for (const mutant of mutants.filter(([name]) => name.includes(positionals[0] ?? ''))) {
  const said = await play(mutant).catch((error) => {
    throw new Error(`mutant "${mutant[0]}": ${error.message}`);
  });
  if (said === undefined) survived++;
  console.log(`${said === undefined ? 'SURVIVED' : 'caught  '}  ${mutant[0]}${said === undefined ? '' : `: ${said}`}`);
}
process.exit(survived === 0 ? 0 : 1);
