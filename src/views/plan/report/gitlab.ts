import type { PlanFile } from '../../../plan/file/plan-file.js';
import { jsonText } from '../../printable.js';

/** What GitLab's merge request widget reads of `artifacts:reports:terraform`: these three numbers and nothing else. */
export function gitlabReport({ counts }: PlanFile): string {
  const { create, update, delete: remove } = counts;
  return `${jsonText({ create, update, delete: remove })}\n`;
}
