import { selectView } from '../printable.js';
import type { ViewOptions } from '../view-options.js';
import { HumanPlanView } from './human.js';
import { JsonPlanView } from './json.js';
import type { ReportFormat } from './report/formats.js';
import type { PlanView } from './view.js';

export const planView = (options: ViewOptions): PlanView =>
  selectView<PlanView>(options, { human: (to) => new HumanPlanView(to), json: (to) => new JsonPlanView(to) });

/** A view that prints the plan as a report for other programs, loaded by who asks for one. */
export async function planReport(options: ViewOptions, format: ReportFormat): Promise<PlanView> {
  const { ReportPlanView } = await import('./report/view.js');
  const report = (to: ViewOptions): PlanView => new ReportPlanView(to, format);
  return selectView<PlanView>(options, { human: report, json: report });
}
