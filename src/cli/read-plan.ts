import { DiagnosticsError } from '../diag/diagnostic.js';
import { exitCodes } from '../diag/exit-codes.js';
import type { PlanBytes } from '../engine/trust/examine-plan.js';
import { readInput } from '../host/read-input.js';
import { decodePlanFile } from '../plan/file/decode-plan-file.js';
import type { PlanFile } from '../plan/file/plan-file.js';
import { planMisfit } from './plan-misfit.js';

/** Thousands of VMs take some ten MiB. */
const PLAN_BYTES_MAX = 256 * 2 ** 20;

/** Throws DiagnosticsError (exit 1 for a file that is no plan, 4 for one that was altered or is not understood). */
export const readPlan = async (path: string): Promise<PlanFile> => planIn(await readPlanBytes(path));

/** The bytes alone, for who believes nothing of them yet. Throws DiagnosticsError (exit 1). */
export async function readPlanBytes(path: string): Promise<PlanBytes> {
  try {
    return { path, bytes: await readInput(path, { bytesMax: PLAN_BYTES_MAX }) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw notThere(path);
    throw refusal('MP3001', `${path} cannot be read: ${code ?? message}`, exitCodes.error);
  }
}

/** Throws as readPlan. */
export function planIn({ path, bytes }: PlanBytes): PlanFile {
  const reading = decodePlanFile(Buffer.from(bytes).toString('utf8'), planMisfit());
  switch (reading.kind) {
    case 'plan':
      return reading.plan;
    case 'not-a-plan':
      throw refusal('MP3001', `${path}: ${reading.why}`, exitCodes.error);
    case 'altered':
      throw refusal('MP3002', `${path}: ${reading.why}; nothing was changed`, exitCodes.planRefused);
    case 'not-understood':
      throw refusal('MP3015', `${path}: ${reading.why}; nothing was changed`, exitCodes.planRefused);
  }
}

/** Nothing is wrong with a plan: its name is. */
const notThere = (path: string): DiagnosticsError =>
  new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP3001',
      detail: `there is no file ${path}`,
      nextSteps: ['look at its name, and whether it lies in another folder', 'make a new plan: migplan plan --out plan.json'],
    },
  ]);

const refusal = (code: 'MP3001' | 'MP3002' | 'MP3015', detail: string, exit: number): DiagnosticsError =>
  new DiagnosticsError([{ severity: 'error', code, detail, nextSteps: ['make a new plan: migplan plan --out plan.json'] }], {
    exit,
  });
