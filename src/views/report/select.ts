import type { PlanReport } from '../../engine/report/report-of-plan.js';
import { pageAssets } from './assets.js';
import { pageText } from './page.js';
import { planPage } from './plan/plan-page.js';

/** The page of a saved plan, whole. */
export const planReportText = (report: PlanReport, version: string): string => pageText(planPage(report, version), pageAssets());
