import { expect } from 'vitest';
import type { CliResult } from '../../lab/harness/cli.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { migplan, said } from './steps.js';

/** Runs one command of the job. */
export type Runs = (args: readonly string[], exit?: number) => Promise<CliResult>;

const TRUST = `apiVersion: migplan.dev/v1alpha1
kind: TrustPolicy
metadata: {name: anybody}
spec:
  signers: allowed_signers
  plans: {unsigned: true, signedBy: [ci@example.com]}
`;

/**
 * All that the job of a pipeline runs that plans and tells, on a project of which something is to do; how each ends is what is documented.
 * Its accounts need to write nothing anywhere. `run` runs one command.
 */
export async function planJob(project: LabProject, run: Runs): Promise<void> {
  await project.write('trust/trust.yaml', TRUST);
  await project.write('trust/allowed_signers', '');
  await run(['validate']);
  expect((await run(['config', 'render'])).stdout).toContain('kind: Project');
  expect((await run(['graph'])).stdout).toMatch(/^digraph/m);
  expect(said(await run(['plan', '--out', 'plan.json', '--detailed-exitcode'], 2))).toMatch(/^Plan: [1-9]\d* to add/m);
  await run(['plan', '--out', 'again.json', '--fail-on', 'blocked']);
  expect(said(await run(['show', 'plan.json', '--format', 'markdown']))).toContain('### migplan:');
  await run(['diff', 'plan.json', 'again.json', '--detailed-exitcode']);
  expect((await run(['graph', '--plan', 'plan.json'])).stdout).toMatch(/^digraph/m);
  await run(['report', 'plan.json', '--out', 'plan.html']);
  // The policy wants approvals of a cutover, which nobody has given yet.
  expect(said(await run(['verify', 'plan.json', '--trust', 'trust/trust.yaml'], 4))).toContain('[MP3023]');
  await run(['drift', '--detailed-exitcode']);
  await run(['status']);
}

export const runsOf =
  (project: LabProject, env: Readonly<Record<string, string>> = {}): Runs =>
  (args, exit = 0) =>
    migplan(project, args, { exit, env });
