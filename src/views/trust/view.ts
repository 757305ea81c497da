import type { TrustVerdict, Vouched } from '../../engine/trust/require-trust.js';
import type { ApprovalWritten } from '../../engine/trust/sign-plan.js';
import type { PlanFile } from '../../plan/file/plan-file.js';
import type { Requirement } from '../../plan/policy/judge-approvals.js';
import { diagnosticText } from '../diagnostic-text.js';
import { jsonDiagnostic } from '../json-lines.js';
import { named } from '../plan/equal-diagnostics.js';
import { jsonText, selectView } from '../printable.js';
import { type Style, style } from '../style.js';
import type { ViewOptions } from '../view-options.js';

/** What `sign`, `approve` and `verify` have to say. */
export interface TrustView {
  signed(file: string, plan: PlanFile): void;
  approved(written: ApprovalWritten, plan: PlanFile): void;
  verified(plan: PlanFile, vouched: Vouched, verdict: TrustVerdict): void;
}

export const trustView = (options: ViewOptions): TrustView => selectView(options, { human: humanView, json: jsonView });

const humanView = ({ streams, noColor }: ViewOptions): TrustView => ({
  signed(file, plan) {
    streams.out(`Signed ${planText(plan)}.\nThe signature is in ${file}\n`);
  },
  approved({ file, statement: { actions, environment, expires_at: expires } }, plan) {
    const where = environment === undefined ? '' : ` in ${environment}`;
    const summary = plan.summary.map((line) => `  ${line}\n`).join('');
    streams.out(`Approved ${actions.join(', ')}${where} until ${minuteOf(expires)}, of ${planText(plan)}:\n${summary}`);
    streams.out(`The approval is in ${file}\n`);
  },
  verified(plan, { trust, signature }, { requirements, ignored, refusals }) {
    const paint = style({ isTerminal: streams.outIsTerminal, off: noColor });
    const lines = [
      signature.signedBy === undefined ? '  . not signed' : `  ${paint.create('+')} signed by ${signature.signedBy}`,
      ...requirements.map((requirement) => `  ${requirementText(requirement, paint)}`),
      ...ignored.map(({ file, why }) => `  . ${file} does not count: ${why}`),
    ];
    streams.out(`${paint.strong(capital(planText(plan)))}\n\n${lines.join('\n')}\n\n`);
    const errPaint = style({ isTerminal: streams.errIsTerminal, off: noColor });
    for (const refusal of refusals) streams.err(`${diagnosticText(refusal, errPaint)}\n`);
    const policy = `trust policy "${trust.name}" (${trust.file})`;
    if (refusals.length === 0) streams.out(`Success! Signature and approvals are what the ${policy} asks for.\n`);
  },
});

const minuteOf = (time: string): string => `${time.slice(0, 16).replace('T', ' ')} UTC`;

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

const planText = ({ digest, plan, inputs: { environment } }: PlanFile): string =>
  `plan ${digest.slice(0, 15)}… of ${minuteOf(plan.created_at)}${environment === undefined ? '' : ` for ${environment}`}`;

function requirementText({ kind, addresses, rule, approvedBy, isMet }: Requirement, paint: Style): string {
  const what = `${kind} of ${named(addresses)}`;
  const mark = isMet ? paint.create('+') : paint.blocked('x');
  if (rule === undefined) return `${mark} ${what}: ${isMet ? 'needs no approval' : 'nobody may approve it'}`;
  const by = approvedBy.length === 0 ? 'by nobody' : `by ${approvedBy.join(', ')}`;
  return `${mark} ${what}: approved ${by} (${approvedBy.length} of ${rule.count})`;
}

/** One document each. */
const jsonView = ({ streams }: ViewOptions): TrustView => {
  const document = (fields: object): void => streams.out(`${jsonText({ format_version: '1.0', ...fields }, 2)}\n`);
  const of = ({ plan: { id }, digest, inputs: { environment } }: PlanFile) => ({
    id,
    digest,
    ...(environment === undefined ? {} : { environment }),
  });
  return {
    signed: (file, plan) => document({ plan: of(plan), signature: file }),
    approved: ({ file, statement }, plan) => document({ plan: of(plan), approval: file, statement }),
    verified: (plan, { trust, signature }, { requirements, counted, ignored, refusals }) =>
      document({
        plan: of(plan),
        policy: { name: trust.name, file: trust.file, digest: trust.digest },
        accepted: refusals.length === 0,
        ...(signature.signedBy === undefined ? {} : { signed_by: signature.signedBy }),
        requirements: requirements.map(({ kind, addresses, rule, approvedBy, isMet }) => ({
          action: kind,
          addresses,
          needed: rule?.count ?? 0,
          may_approve: rule?.by ?? [],
          approved_by: approvedBy,
          met: isMet,
        })),
        approvals: counted.map(({ file, by, statement }) => ({ file, by, ...statement })),
        not_counted: ignored,
        diagnostics: refusals.map(jsonDiagnostic),
      }),
  };
};
