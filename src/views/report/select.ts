import type { PlanReport } from '../../engine/report/report-of-plan.js';
import type { RunReport } from '../../engine/report/report-of-run.js';
import { pageAssets } from './assets.js';
import { pageText } from './page.js';
import { planPage } from './plan/plan-page.js';
import { runPage } from './run/run-page.js';

/** The page of a saved plan, whole. */
export const planReportText = (report: PlanReport, version: string): string => pageText(planPage(report, version), pageAssets());

/** The page of a run, whole; `now`: of one that goes on. */
export const runReportText = (report: RunReport, said: { readonly version: string; readonly now: Date }): string =>
  pageText(runPage(report, said), pageAssets());
