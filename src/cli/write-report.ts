import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { DiagnosticsError } from '../diag/diagnostic.js';
import { isMissing } from '../host/files.js';
import { writeOutput } from '../host/output-file.js';
import { GENERATOR } from '../views/report/page.js';
import { unwritable } from './unwritable.js';

const NEXT_STEP = 'write to another file: migplan report PLAN --out FILE';
/** What a page of ours says of itself stands before its style. */
const HEAD_BYTES = 4096;

/** An older report is replaced, as a whole; any other file is left as it is. Throws DiagnosticsError. */
export async function writeReport(path: string, text: string): Promise<void> {
  try {
    if (await isForeign(path)) throw foreign(path);
    await writeOutput(path, text);
  } catch (error) {
    throw error instanceof DiagnosticsError ? error : unwritable(error, NEXT_STEP);
  }
}

const foreign = (path: string): DiagnosticsError =>
  new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP1020',
      detail: `${path} exists, is no report of migplan, and is not overwritten`,
      nextSteps: [NEXT_STEP],
    },
  ]);

/** A terminal or a pipe has no content that could be lost; of an empty file nothing is. */
async function isForeign(path: string): Promise<boolean> {
  const there = await stat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  return there?.isFile() === true && there.size > 0 && !(await headOf(path)).includes(GENERATOR);
}

async function headOf(path: string): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of createReadStream(path, { end: HEAD_BYTES - 1 })) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
