import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { digestOf, encodePlanFile, type PlanFile } from '../../src/plan/file/plan-file.js';

export async function savedPlan(project: LabProject, name: string): Promise<PlanFile> {
  return JSON.parse(await readFile(join(project.folder, name), 'utf8')) as PlanFile;
}

/** Writes a changed copy of a plan with a digest that fits it again: what only time, or a forger without a key, could make. */
export async function rewritePlan(
  project: LabProject,
  { from, to }: { readonly from: string; readonly to: string },
  change: (plan: PlanFile) => PlanFile,
): Promise<void> {
  const { digest: _, ...body } = change(await savedPlan(project, from));
  await writeFile(join(project.folder, to), encodePlanFile({ ...body, digest: digestOf(body) }));
}
