import { readFile } from 'node:fs/promises';
import { DiagnosticsError } from '../diag/diagnostic.js';
import { exitCodes } from '../diag/exit-codes.js';
import { decodePlanFile, type PlanFile } from '../plan/plan-file.js';

/** Throws DiagnosticsError (exit 1 for a file that is no plan, 4 for one that was altered). */
export async function readPlan(path: string): Promise<PlanFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw refusal(
      'MP3001',
      `${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`,
      exitCodes.error,
    );
  }
  const reading = decodePlanFile(text);
  switch (reading.kind) {
    case 'plan':
      return reading.plan;
    case 'not-a-plan':
      throw refusal('MP3001', `${path}: ${reading.why}`, exitCodes.error);
    case 'altered':
      throw refusal('MP3002', `${path}: ${reading.why}; nothing was changed`, exitCodes.planRefused);
  }
}

const refusal = (code: 'MP3001' | 'MP3002', detail: string, exit: number): DiagnosticsError =>
  new DiagnosticsError([{ severity: 'error', code, detail, nextSteps: ['make a new plan: migplan plan --out plan.json'] }], {
    exit,
  });
