import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DiagnosticsError } from '../../diag/diagnostic.js';
import { writeOutput } from '../../host/output-file.js';
import { keyMark, signContent } from '../../host/ssh-signature.js';
import type { ApprovalKind } from '../../model/approval-kinds.js';
import { asksFor } from '../../plan/core/action-table.js';
import type { PlanFile } from '../../plan/file/plan-file.js';
import type { ApprovalStatement } from '../../plan/policy/approval.js';
import { APPROVAL_FORMAT, encodeStatement } from './approval-statement.js';
import type { PlanBytes } from './examine-plan.js';
import { approvalsOf, signatureOf } from './signature-files.js';

/** Signs the exact bytes of a plan; the file with the signature is written beside it. Throws as signContent, and NoOutput. */
export async function signPlan({ path, bytes }: PlanBytes, key: string): Promise<string> {
  const signature = await signContent(bytes, key, 'migplan-plan');
  await writeOutput(signatureOf(path), Buffer.from(signature).toString('latin1'));
  return signatureOf(path);
}

export interface ApprovalGiven {
  /** Absent: everything that the plan does. */
  readonly actions?: readonly ApprovalKind[] | undefined;
  /** What whoever approves takes the plan to be for. */
  readonly environment?: string | undefined;
  readonly validMs: number;
  readonly key: string;
  readonly now: Date;
}

export interface ApprovalWritten {
  readonly file: string;
  readonly statement: ApprovalStatement;
}

/**
 * Approves a plan, or some of what it does, until some time. Throws DiagnosticsError MP3023 where the plan does nothing of what is
 * approved, MP3028 where it is for another environment than said, as signContent, and NoOutput.
 */
export async function approvePlan(file: PlanBytes, plan: PlanFile, given: ApprovalGiven): Promise<ApprovalWritten> {
  const statement = statementOf(file, plan, given);
  const text = encodeStatement(statement);
  const signature = await signContent(Buffer.from(text), given.key, 'migplan-approval');
  const mark = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const path = join(approvalsOf(file.path), `${keyMark(signature) ?? 'key'}-${mark}.json`);
  // An approval is there once its statement is: the signature comes first.
  await writeOutput(signatureOf(path), Buffer.from(signature).toString('latin1'));
  await writeOutput(path, text);
  return { file: path, statement };
}

function statementOf(
  { bytes }: PlanBytes,
  plan: PlanFile,
  { actions, environment, validMs, now }: ApprovalGiven,
): ApprovalStatement {
  const { environment: planned } = plan.inputs;
  if (environment !== undefined && environment !== planned) throw otherEnvironment(environment, planned);
  const does = asksFor(plan.migrations.flatMap((entry) => entry.actions));
  const approved = actions === undefined ? does : does.filter((kind) => actions.includes(kind));
  const missing = actions?.find((kind) => !does.includes(kind));
  if (missing !== undefined || approved.length === 0) throw nothingOf(missing, does);
  return {
    format_version: APPROVAL_FORMAT,
    kind: 'MigrationPlanApproval',
    plan: { sha256: createHash('sha256').update(bytes).digest('hex'), id: plan.plan.id, digest: plan.digest },
    ...(planned === undefined ? {} : { environment: planned }),
    actions: approved,
    approved_at: now.toISOString(),
    expires_at: new Date(now.getTime() + validMs).toISOString(),
  };
}

const otherEnvironment = (said: string, planned: string | undefined): DiagnosticsError =>
  new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP3028',
      detail: `the plan is for ${planned === undefined ? 'no environment' : `environment "${planned}"`}, and not for "${said}"; nothing was approved`,
      nextSteps: ['read the plan again: migplan show PLAN'],
    },
  ]);

const nothingOf = (missing: ApprovalKind | undefined, does: readonly ApprovalKind[]): DiagnosticsError =>
  new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP3023',
      detail: `the plan does ${missing === undefined ? 'nothing that could be approved' : `no ${missing}`}; nothing was approved`,
      nextSteps: [does.length === 0 ? 'make a plan that does something' : `approve what it does: ${does.join(', ')}`],
    },
  ]);
