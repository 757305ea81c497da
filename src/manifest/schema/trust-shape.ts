import { approvalKinds } from '../../model/approval-kinds.js';
import { forms } from './forms.js';
import { apiVersionShape } from './migration-shape.js';
import { policyShape } from './policy-shape.js';
import { choice, constant, count, flag, listOf, object, recordOf, text } from './shape.js';

const principal = text({ ...forms.principal, description: 'As the signers name them.' });
const file = (description: string) => text({ maxLength: 4096, description: `${description} Relative paths start at this file.` });

const plansShape = object(
  {
    optional: {
      unsigned: flag({ description: 'A saved plan without a signature may be applied.', default: false }),
      signedBy: listOf(principal, { minItems: 1, description: 'Who may sign plans. Default: whom the signers name for that.' }),
    },
  },
  { description: 'What is asked of a saved plan itself.' },
);

const flagsShape = object(
  {
    optional: {
      allowCutover: flag({ description: '--allow-cutover, or typing the name of a VM, counts for an approval.', default: false }),
      autoApprove: flag({
        description: 'What was not saved and signed may be applied: --auto-approve, or yes at a terminal.',
        default: false,
      }),
    },
  },
  { description: 'What whoever runs apply may approve alone.' },
);

const approvalShape = object(
  {
    required: {
      actions: listOf(choice(approvalKinds, { description: 'What a plan does.' }), {
        minItems: 1,
        description: 'What needs these approvals. What no rule names needs none, but a cutover does.',
      }),
      by: listOf(principal, { minItems: 1, description: 'Whose approvals count.' }),
    },
    optional: {
      environments: listOf(text({ ...forms.name, description: 'Name of an environment.' }), {
        minItems: 1,
        description: 'Where this rule holds. Default: everywhere.',
      }),
      count: count({ minimum: 1, maximum: 100, default: 1, description: 'How many different people have to approve.' }),
      signerMayApprove: flag({ description: 'Who signed the plan may be one of them.', default: false }),
      validFor: text({ ...forms.duration, description: 'Longest time from an approval to its end that is accepted.' }),
    },
  },
  { description: 'Approvals that some actions need.' },
);

const environmentShape = object(
  {
    required: {
      clouds: listOf(text({ ...forms.cloudName, description: 'Id of a project, as plans name it under targets.' }), {
        minItems: 1,
        description: 'Clouds that are this environment: a plan that says so has no other.',
      }),
    },
  },
  { description: 'One environment.' },
);

export const trustShape = object(
  {
    required: {
      apiVersion: apiVersionShape,
      kind: constant('TrustPolicy', { description: 'Who may let plans be applied.' }),
      metadata: object(
        { required: { name: text({ ...forms.name, description: 'How the policy is called in messages.' }) } },
        { description: 'How this document is called.' },
      ),
      spec: object(
        {
          required: { signers: file('File of those who sign, as OpenSSH has it (allowed_signers).') },
          optional: {
            revoked: file('File of revoked keys, as OpenSSH has it (public keys, or a KRL).'),
            plans: plansShape,
            flags: flagsShape,
            environments: recordOf(environmentShape, {
              keys: forms.name,
              description: 'Environments that plans may be for. Default: any, and none.',
            }),
            approvals: listOf(approvalShape, {
              description: 'What needs approvals. All rules that name an action have to be kept.',
            }),
            policy: policyShape,
          },
        },
        { description: 'Who may let what be done.' },
      ),
    },
  },
  {
    title: 'migplan TrustPolicy',
    description: 'Who may sign and approve plans. Kept where whoever makes plans cannot change it.',
  },
);
