import { Flags } from '@oclif/core';
import type { ApprovalRules } from '../apply/time-rules.js';
import { DiagnosticsError } from '../diag/diagnostic.js';
import { exitCodes } from '../diag/exit-codes.js';
import { examineSignature, type PlanBytes, readApprovals } from '../engine/trust/examine-plan.js';
import { approvalRulesOf, requireTrust } from '../engine/trust/require-trust.js';
import { trustInForce } from '../engine/trust/trust-in-force.js';
import { systemClock } from '../host/clock.js';
import type { TrustPolicy } from '../model/trust-policy.js';
import type { PlanFile } from '../plan/file/plan-file.js';
import type { PlanSignature } from '../plan/policy/approval.js';
import { policyText } from '../plan/policy/trust-refusals.js';
import type { Runtime } from '../runtime.js';
import { type Approval, requireApproval } from './approve.js';
import { planIn } from './read-plan.js';
import { unwritable } from './unwritable.js';

/** For every command that is held to a trust policy. */
export const trustFlag = {
  trust: Flags.string({
    summary: 'Trust policy that decides, whatever the Project names. Default: MIGPLAN_TRUST, then spec.trust of the Project.',
    helpValue: 'FILE',
  }),
};

interface Named {
  readonly flag: string | undefined;
  readonly folder: string;
}

/** The policy of the option or the environment alone, before a project is looked at. Throws as trustInForce. */
export const trustNamed = ({ flag, folder }: Named): Promise<TrustPolicy | undefined> =>
  trustInForce({ flag, folder, env: process.env });

/** Throws as trustInForce. */
export const trustOf = (runtime: Runtime, { flag, folder }: Named): Promise<TrustPolicy | undefined> =>
  trustInForce({ flag, folder, env: process.env, project: runtime.project });

export interface Believed {
  readonly plan: PlanFile;
  readonly file: PlanBytes;
  /** Absent: no trust policy is in force. */
  readonly signature?: PlanSignature;
}

/** Reads a saved plan once, and believes nothing of it before its signature. Throws as readPlan and examineSignature. */
export async function readBelieved(file: PlanBytes, trust: TrustPolicy | undefined): Promise<Believed> {
  if (trust === undefined) return { plan: planIn(file), file };
  const signature = await examineSignature(file, trust);
  return { plan: planIn(file), file, signature };
}

export interface Approving extends Omit<Approval, 'isSaved' | 'isApproved'> {
  readonly trust: TrustPolicy | undefined;
  /** Absent: the plan was made just now. */
  readonly believed: Believed | undefined;
  /** VMs that earlier runs of this plan began, and those that reached their end. */
  readonly progress: { readonly begun: readonly string[]; readonly done: readonly string[] } | undefined;
}

/**
 * Throws DiagnosticsError unless the trust policy, where one is in force, and whoever runs this let the plan be applied; asks
 * where it may. What is refused has the exit code of a refused plan. Resolves with what is to be asked again before each VM is begun.
 */
export async function requireApproved(
  plan: PlanFile,
  { trust, believed, progress, ...approval }: Approving,
): Promise<ApprovalRules | undefined> {
  const isSaved = believed !== undefined;
  const { ask, autoApprove, allowCutover } = approval;
  const mayName = !isSaved && !autoApprove && ask !== undefined;
  const trusted = await requireTrusted(plan, {
    trust,
    believed,
    allowCutover: allowCutover || mayName,
    begun: [...(progress?.begun ?? []), ...(progress?.done ?? [])],
  });
  await requireApproval(plan, { ...approval, isSaved, isApproved: trusted?.coversCutover ?? false });
  return trusted?.rules;
}

interface Trusting {
  readonly trust: TrustPolicy | undefined;
  readonly believed: Believed | undefined;
  readonly allowCutover: boolean;
  readonly begun: readonly string[];
}

interface Trusted {
  /** Whether people approved what cannot be undone. */
  readonly coversCutover: boolean;
  readonly rules: ApprovalRules;
}

/** Undefined: no policy is in force. Throws DiagnosticsError where the policy does not let the plan be applied. */
async function requireTrusted(plan: PlanFile, { trust, believed, ...asked }: Trusting): Promise<Trusted | undefined> {
  if (trust === undefined) return undefined;
  if (believed === undefined && !trust.flags.autoApprove) throw onlySaved(trust);
  const signature = believed?.signature ?? { sha256: '' };
  const approvals = believed === undefined ? [] : await readApprovals(believed.file.path, trust);
  const vouched = { trust, signature, approvals };
  const { coversCutover } = requireTrust(plan, vouched, { ...asked, now: systemClock.now() });
  return { coversCutover, rules: approvalRulesOf(plan, vouched, asked) };
}

const onlySaved = (trust: TrustPolicy): DiagnosticsError =>
  new DiagnosticsError(
    [
      {
        severity: 'error',
        code: 'MP3029',
        detail: `${policyText(trust)} lets nobody who runs apply approve what was not saved (flags.autoApprove); nothing was changed`,
        nextSteps: ['save a plan and have it signed: migplan plan --out PLAN && migplan sign PLAN --key KEY'],
      },
    ],
    { exit: exitCodes.planRefused },
  );

/** Throws DiagnosticsError MP3024 where no policy is named: nothing can be verified without one. */
export async function trustToVerify({ flag, folder }: Named, open: () => Promise<Runtime>): Promise<TrustPolicy> {
  const named = await trustInForce({ flag, folder, env: process.env });
  if (named !== undefined) return named;
  await using runtime = await open();
  const ofProject = await trustInForce({ folder, env: process.env, project: runtime.project });
  if (ofProject !== undefined) return ofProject;
  throw new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP3024',
      detail: 'no trust policy is named, so nobody could say whether the plan may be applied',
      nextSteps: ['name it: migplan verify PLAN --trust FILE'],
    },
  ]);
}

/** A saved plan with all that lies beside it. Throws as readPlan and examineSignature. */
export async function vouchedFor(file: PlanBytes, trust: TrustPolicy) {
  const signature = await examineSignature(file, trust);
  return { plan: planIn(file), vouched: { trust, signature, approvals: await readApprovals(file.path, trust) } };
}

/** Signing writes files beside the plan. Throws DiagnosticsError when they cannot be written. */
export async function toSign<T>(sign: () => Promise<T>): Promise<T> {
  try {
    return await sign();
  } catch (error) {
    if (error instanceof DiagnosticsError) throw error;
    throw unwritable(error, 'copy the plan to a folder that can be written, and sign it there');
  }
}
