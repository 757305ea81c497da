import type { Diagnostic } from '../../diag/diagnostic.js';
import { own } from '../../model/own.js';
import type { TrustPolicy } from '../../model/trust-policy.js';
import type { PlanFile } from '../file/plan-file.js';
import type { PlanSignature } from './approval.js';
import type { Requirement } from './judge-approvals.js';

/** The signature is no good, or not of who may; before anything of the plan is believed. */
export function signatureRefusals({ signedBy }: PlanSignature, trust: TrustPolicy): Diagnostic[] {
  const { unsigned, signedBy: may } = trust;
  if (signedBy === undefined) return unsigned ? [] : [notSigned(trust)];
  if (may === undefined || may.includes(signedBy)) return [];
  return [
    refusal('MP3022', {
      detail: `it is signed by ${signedBy}, who may not sign plans by ${policyText(trust)}`,
      nextSteps: [`have it signed by ${may.join(' or ')}: migplan sign PLAN --key KEY`],
    }),
  ];
}

const notSigned = (trust: TrustPolicy): Diagnostic =>
  refusal('MP3022', {
    detail: `it has no signature, which ${policyText(trust)} asks for`,
    nextSteps: [
      `have it signed by ${trust.signedBy?.join(' or ') ?? 'one of the signers of the policy'}: migplan sign PLAN --key KEY`,
    ],
  });

export const policyText = ({ name, file }: TrustPolicy): string => `the trust policy "${name}" (${file})`;

/** What the plan says of environment and policy is not what holds here. */
export function environmentRefusals(plan: PlanFile, trust: TrustPolicy): Diagnostic[] {
  return [
    ...otherPolicy(plan, trust),
    ...(trust.environments === undefined ? [] : wrongEnvironment(plan, trust, trust.environments)),
  ];
}

/** Its Project was changed to name a policy that somebody would rather have. */
function otherPolicy({ inputs }: PlanFile, trust: TrustPolicy): Diagnostic[] {
  if (inputs.trust === undefined || inputs.trust === trust.digest) return [];
  return [
    refusal('MP3025', {
      detail: `the Project of the plan names another trust policy, or other signers, than ${policyText(trust)}`,
      nextSteps: ['let the Project name the policy that is in force (spec.trust), or none, and make a new plan'],
    }),
  ];
}

function wrongEnvironment(
  { inputs: { environment }, targets }: PlanFile,
  trust: TrustPolicy,
  known: NonNullable<TrustPolicy['environments']>,
): Diagnostic[] {
  const clouds = environment === undefined ? undefined : own(known, environment);
  if (environment === undefined || clouds === undefined) {
    const said = environment === undefined ? 'no environment' : `environment "${environment}"`;
    return [
      refusal('MP3028', {
        detail: `the plan is for ${said}, and ${policyText(trust)} has ${Object.keys(known).join(', ')}`,
        nextSteps: ['set spec.policy.environment of the Project to one of them, and make a new plan'],
      }),
    ];
  }
  return targets
    .filter(({ kind, id }) => kind === 'openstack' && !clouds.includes(id))
    .map(({ provider, id }) =>
      refusal('MP3028', {
        detail: `the plan is for environment "${environment}", and the cloud "${provider}" (${id}) is not of it by ${policyText(trust)}`,
        nextSteps: ['set spec.policy.environment of the Project to that of its cloud, and make a new plan'],
      }),
    );
}

/** What is not approved, and by whom it could be. `mayFlag`: --allow-cutover would count. */
export function approvalRefusals(lacking: readonly Requirement[], trust: TrustPolicy): Diagnostic[] {
  return lacking.map((requirement) => {
    const { kind, addresses, rule } = requirement;
    const what = `${kind} of ${addresses.slice(0, NAMED_MAX).join(', ')}${addresses.length > NAMED_MAX ? ` and ${addresses.length - NAMED_MAX} more` : ''}`;
    const flag = kind === 'cutover' && trust.flags.allowCutover ? ['or pass --allow-cutover'] : [];
    if (rule === undefined)
      return refusal('MP3023', {
        detail: `${what}: no rule of ${policyText(trust)} says who approves it`,
        nextSteps:
          flag.length > 0 ? ['pass --allow-cutover'] : ['have a rule for cutover put into approvals of the trust policy'],
      });
    return refusal('MP3023', {
      detail: `${what}: ${countText(requirement)}`,
      nextSteps: [
        `have it approved by ${rule.by.filter((one) => !requirement.approvedBy.includes(one)).join(' or ')}: migplan approve PLAN --key KEY`,
        ...flag,
      ],
    });
  });
}

const NAMED_MAX = 20;

function countText({ rule, approvedBy }: Requirement): string {
  const by = approvedBy.length === 0 ? '' : ` (${approvedBy.join(', ')})`;
  return `${approvedBy.length} of ${rule?.count ?? 0} approvals${by}`;
}

type RefusalCode = 'MP3022' | 'MP3023' | 'MP3025' | 'MP3028';

const refusal = (code: RefusalCode, { detail, nextSteps }: { detail: string; nextSteps: readonly string[] }): Diagnostic => ({
  severity: 'error',
  code,
  detail: `${detail}; nothing was changed`,
  nextSteps,
});
