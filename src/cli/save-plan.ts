import { DiagnosticsError } from '../diag/diagnostic.js';
import { writeDurably } from '../host/durable-file.js';
import { encodePlanFile, type PlanFile } from '../plan/plan-file.js';

/** Throws DiagnosticsError when the file cannot be written; an older one is then as it was. */
export async function savePlan(path: string, plan: PlanFile): Promise<void> {
  try {
    await writeDurably(path, encodePlanFile(plan));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new DiagnosticsError(
      [{ severity: 'error', code: 'MP1020', detail: message, nextSteps: ['choose another place: migplan plan --out FILE'] }],
      { cause: error },
    );
  }
}
