import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Diagnostic, DiagnosticsError } from '../../diag/diagnostic.js';
import { exitCodes } from '../../diag/exit-codes.js';
import { isMissing } from '../../host/files.js';
import { readInput } from '../../host/read-input.js';
import { verifySignature } from '../../host/ssh-signature.js';
import type { TrustPolicy } from '../../model/trust-policy.js';
import type { ApprovalFound, PlanSignature } from '../../plan/policy/approval.js';
import { signatureRefusals } from '../../plan/policy/trust-refusals.js';
import { decodeStatement } from './approval-statement.js';
import { APPROVALS_MAX, approvalsOf, SIGNATURE_BYTES_MAX, STATEMENT_BYTES_MAX, signatureOf } from './signature-files.js';

/** A saved plan as bytes: read once, so that what is verified is what is believed. */
export interface PlanBytes {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Who signed the file; before anything in it is believed. Throws DiagnosticsError MP3022, with the exit code of a refused plan,
 * where the signature is no good, not of who may sign, or missing and asked for: a bad one is never as good as none.
 */
export async function examineSignature({ path, bytes }: PlanBytes, trust: TrustPolicy): Promise<PlanSignature> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const verdict = await signatureVerdict({ path, bytes }, trust);
  const signature = verdict === undefined || 'why' in verdict ? { sha256 } : { sha256, signedBy: verdict.by };
  const refusals =
    verdict !== undefined && 'why' in verdict ? [badSignature(path, verdict.why)] : signatureRefusals(signature, trust);
  if (refusals.length > 0) throw new DiagnosticsError(refusals, { exit: exitCodes.planRefused });
  return signature;
}

async function signatureVerdict({ path, bytes }: PlanBytes, trust: TrustPolicy) {
  const signature = await unlessMissing(signatureOf(path), SIGNATURE_BYTES_MAX);
  if (signature === undefined) return undefined;
  if ('why' in signature) return { why: `${signatureOf(path)} cannot be read: ${signature.why}` };
  return verifySignature({ ...signersOf(trust), content: bytes, signature: signature.bytes, namespace: 'migplan-plan' });
}

const badSignature = (path: string, why: string): Diagnostic => ({
  severity: 'error',
  code: 'MP3022',
  detail: `the signature of ${path} is no good: ${why}; nothing was changed`,
  nextSteps: ['make a new plan, and have it signed: migplan sign PLAN --key KEY'],
});

const signersOf = ({ signers, revoked }: TrustPolicy) => ({ signers, ...(revoked === undefined ? {} : { revoked }) });

type Content = { readonly bytes: Uint8Array } | { readonly why: string };

/** undefined: there is no such file. */
async function unlessMissing(path: string, bytesMax: number): Promise<Content | undefined> {
  try {
    return { bytes: await readInput(path, { bytesMax }) };
  } catch (error) {
    return isMissing(error) ? undefined : { why: (error as NodeJS.ErrnoException).code ?? (error as Error).message };
  }
}

/**
 * Everything that lies among the approvals of a plan: those whose signature is good, and what is wrong with the others. Never
 * throws for what a file is like; throws DiagnosticsError MP3026 when there are more files than are looked at.
 */
export async function readApprovals(plan: string, trust: TrustPolicy): Promise<ApprovalFound[]> {
  const folder = approvalsOf(plan);
  const names = (await filesOf(folder)).filter((name) => name.endsWith('.json')).sort();
  if (names.length > APPROVALS_MAX) throw tooMany(folder, names.length);
  const found: ApprovalFound[] = [];
  for (const name of names) found.push(await approvalIn(join(folder, name), { file: name, trust }));
  return found;
}

async function filesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw new DiagnosticsError([
      {
        severity: 'error',
        code: 'MP3026',
        detail: `approvals in ${folder} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`,
        nextSteps: [`Run: ls -l ${folder}`],
      },
    ]);
  }
}

const tooMany = (folder: string, count: number): DiagnosticsError =>
  new DiagnosticsError(
    [
      {
        severity: 'error',
        code: 'MP3026',
        detail: `${folder} has ${count} approvals, and at most ${APPROVALS_MAX} are looked at; nothing was changed`,
        nextSteps: ['remove from that folder what is no approval of this plan'],
      },
    ],
    { exit: exitCodes.planRefused },
  );

async function approvalIn(path: string, { file, trust }: { file: string; trust: TrustPolicy }): Promise<ApprovalFound> {
  const [content, signature] = [
    await unlessMissing(path, STATEMENT_BYTES_MAX),
    await unlessMissing(signatureOf(path), SIGNATURE_BYTES_MAX),
  ];
  if (content === undefined || 'why' in content) return { file, why: `it cannot be read: ${content?.why ?? 'it is gone'}` };
  if (signature === undefined) return { file, why: 'it has no signature' };
  if ('why' in signature) return { file, why: `its signature cannot be read: ${signature.why}` };
  const { bytes } = content;
  const verdict = await verifySignature({
    ...signersOf(trust),
    content: bytes,
    signature: signature.bytes,
    namespace: 'migplan-approval',
  });
  if ('why' in verdict) return { file, why: `its signature is no good: ${verdict.why}` };
  const statement = decodeStatement(Buffer.from(bytes).toString('utf8'));
  return typeof statement === 'string' ? { file, why: statement } : { file, by: verdict.by, statement };
}
