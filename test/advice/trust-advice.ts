/** What is advised where plans are signed, approved and held to rules, carried out by the real program: test/e2e/approvals.e2e.test.ts. */
export const trustAdvice = [
  'have it approved by <…>: migplan approve PLAN --key KEY',
  'have it signed by <…>: migplan sign PLAN --key KEY',
  'let the Project name the policy that is in force (spec.trust), or none, and make a new plan',
  'make a new plan, and have it signed: migplan sign PLAN --key KEY',
  'make plans of fewer VMs: migplan plan --target vm/NAME --out plan.json',
  'mend the program, or what it needs on this machine, and try it: migplan show PLAN --json | PROGRAM',
  'mend what follows, or name the policy that is meant: --trust FILE',
  'name it: migplan verify PLAN --trust FILE',
  'or pass --allow-cutover',
  'pass --allow-cutover',
  'read the plan again: migplan show PLAN',
  'save a plan and have it signed: migplan plan --out PLAN && migplan sign PLAN --key KEY',
  'set it to the path of the policy, or take it out of the environment: unset MIGPLAN_TRUST',
  'set limits.delta of the manifest, or of spec.defaults for all, and make a new plan',
  'set spec.policy.environment of the Project to one of them, and make a new plan',
  'set spec.policy.environment of the Project to that of its cloud, and make a new plan',
] as const;
