import { writeOutput } from '../host/output-file.js';
import { encodePlanFile, type PlanFile } from '../plan/file/plan-file.js';
import { unwritable } from './unwritable.js';

/** Throws DiagnosticsError when the file cannot be written; an older one is then as it was. */
export async function savePlan(path: string, plan: PlanFile): Promise<void> {
  try {
    await writeOutput(path, encodePlanFile(plan));
  } catch (error) {
    throw unwritable(error, 'choose another place: migplan plan --out FILE');
  }
}
