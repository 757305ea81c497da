import { DiagnosticsError } from '../diag/diagnostic.js';
import { exitCodes } from '../diag/exit-codes.js';
import { readInput } from '../host/read-input.js';
import { decodePlanFile } from '../plan/file/decode-plan-file.js';
import type { PlanFile } from '../plan/file/plan-file.js';
import { planMisfit } from './plan-misfit.js';

/** Thousands of VMs take some ten MiB. */
const PLAN_BYTES_MAX = 256 * 2 ** 20;

/** Throws DiagnosticsError (exit 1 for a file that is no plan, 4 for one that was altered or is not understood). */
export async function readPlan(path: string): Promise<PlanFile> {
  let text: string;
  try {
    text = (await readInput(path, { bytesMax: PLAN_BYTES_MAX })).toString('utf8');
  } catch (error) {
    throw refusal(
      'MP3001',
      `${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`,
      exitCodes.error,
    );
  }
  const reading = decodePlanFile(text, planMisfit());
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

const refusal = (code: 'MP3001' | 'MP3002' | 'MP3015', detail: string, exit: number): DiagnosticsError =>
  new DiagnosticsError([{ severity: 'error', code, detail, nextSteps: ['make a new plan: migplan plan --out plan.json'] }], {
    exit,
  });
