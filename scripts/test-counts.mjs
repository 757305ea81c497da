// How many tests ran, over several runs of vitest, each of which adds to one file (scripts/count-tests.mjs). As a program it prints
// the sum of the file that its argument names.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

function linesOf(file) {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1);
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

/** One line, the same for people and for programs that look for it. */
function sumOf(lines) {
  const counts = lines.map((line) => JSON.parse(line));
  const of = (column) => counts.reduce((sum, count) => sum + count[column], 0);
  return `${of('passed')} passed, ${of('failed')} failed, ${of('skipped')} skipped`;
}

/**
 * The last that this process prints, however it ends: the sum of the runs of vitest that it starts. Whoever started it may name a
 * file in MIGPLAN_TEST_COUNTS, to sum up several such processes.
 */
export function tellCountsAtExit() {
  const folder = process.env.MIGPLAN_TEST_COUNTS === undefined ? mkdtempSync(join(tmpdir(), 'migplan-tests-')) : undefined;
  process.env.MIGPLAN_TEST_COUNTS ??= join(folder, 'counts');
  const file = process.env.MIGPLAN_TEST_COUNTS;
  const before = linesOf(file).length;
  process.on('exit', () => {
    console.log(`\n${sumOf(linesOf(file).slice(before))}`);
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(sumOf(linesOf(process.argv[2])));
