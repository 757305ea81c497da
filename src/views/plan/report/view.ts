import type { Diagnostic } from '../../../diag/diagnostic.js';
import type { PlanFile } from '../../../plan/file/plan-file.js';
import { diagnosticText } from '../../diagnostic-text.js';
import { style } from '../../style.js';
import type { ViewOptions } from '../../view-options.js';
import type { PlanView } from '../view.js';
import type { ReportFormat } from './formats.js';
import { githubReport } from './github.js';
import { gitlabReport } from './gitlab.js';
import { junitReport } from './junit.js';
import { markdownReport } from './markdown.js';
import { sarifReport } from './sarif.js';

const reports: Readonly<Record<ReportFormat, (plan: PlanFile) => string>> = {
  markdown: markdownReport,
  github: githubReport,
  gitlab: gitlabReport,
  junit: junitReport,
  sarif: sarifReport,
};

/** The report alone on stdout, so that it can be sent to a file; all else goes to stderr. */
export class ReportPlanView implements PlanView {
  constructor(
    private readonly options: ViewOptions,
    private readonly format: ReportFormat,
  ) {}

  plan(plan: PlanFile): void {
    this.options.streams.out(reports[this.format](plan));
    // GitLab's numbers have no place for them.
    if (this.format === 'gitlab') this.diagnostics(plan.violations ?? []);
  }

  saved(path: string): void {
    this.options.streams.err(`Saved the plan to: ${path}\n`);
  }

  notSaved(): void {}

  diagnostics(diagnostics: readonly Diagnostic[]): void {
    const { streams, noColor } = this.options;
    const paint = style({ isTerminal: streams.errIsTerminal, off: noColor });
    for (const diagnostic of diagnostics) streams.err(`${diagnosticText(diagnostic, paint)}\n`);
  }
}
