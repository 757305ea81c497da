import { appendFile } from 'node:fs/promises';
import { Flags } from '@oclif/core';
import type { PlanFile } from '../plan/file/plan-file.js';
import { reportFormats } from '../views/plan/report/formats.js';
import { planReport, planView } from '../views/plan/select.js';
import { type PlanView, planDetails } from '../views/plan/view.js';
import type { ViewOptions } from '../views/view-options.js';
import { unwritable } from './unwritable.js';

const formats = ['text', 'json', ...reportFormats] as const;
type PlanFormat = (typeof formats)[number];

/** How a plan is printed, for every command that prints one. */
export const planFlags = {
  format: Flags.option({ options: formats, default: 'text' as const })({
    relationships: [{ type: 'none', flags: [{ name: 'json', when: async ({ format }) => format !== 'json' }] }],
    summary: 'For people, for a comment on a pull request (markdown), for GitHub and GitLab, or for what reads JUnit or SARIF.',
  }),
  detail: Flags.option({ options: planDetails, default: 'auto' as const })({
    // Reports and JSON tell what they tell.
    relationships: [{ type: 'none', flags: ['json', { name: 'format', when: async ({ format }) => format !== 'text' }] }],
    summary: 'One line a VM, one block a disk, or every step as well.',
  }),
};

export const planViewFor = async (format: PlanFormat, options: ViewOptions): Promise<PlanView> =>
  isReport(format) ? planReport(options, format) : planView(options);

const isReport = (format: PlanFormat): format is (typeof reportFormats)[number] => format !== 'text' && format !== 'json';

/**
 * With `--format github` in a workflow: the comment as the summary of the job, and outputs for the steps after it. Throws
 * DiagnosticsError when a file that the runner names cannot be written.
 */
export async function tellGithub(format: PlanFormat, plan: PlanFile, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const { GITHUB_STEP_SUMMARY: summary = '', GITHUB_OUTPUT: output = '' } = env;
  if (format !== 'github' || (summary === '' && output === '')) return;
  const { githubOutputs, githubSummary } = await import('../views/plan/report/github.js');
  try {
    if (summary !== '') await appendFile(summary, githubSummary(plan));
    if (output !== '') await appendFile(output, githubOutputs(plan));
  } catch (error) {
    throw unwritable(error, 'let the runner name files that can be written');
  }
}
