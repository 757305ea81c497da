import type { RightCheck } from '../../contracts/target-provider.js';
import type { Diagnostic } from '../../diag/diagnostic.js';
import type { Runtime } from '../../runtime.js';
import type { Check } from './check.js';

/** One line a call. Only what `plan` cannot do without is an error: reviewers and pipelines that plan need no more. */
export async function rightsChecks(runtime: Runtime, name: string): Promise<Check[]> {
  const target = await runtime.cloud(name);
  if (target === undefined) return [];
  const rights = await target.checkRights();
  const rows = rights.map((right): Check => {
    const diagnostics = diagnosticsOf(name, right);
    return { name: `${name}: ${right.what}`, found: `${right.verdict} (${right.why})`, diagnostics };
  });
  return [...rows, { name: `${name}: in all`, found: summary(rights), diagnostics: [] }];
}

function diagnosticsOf(name: string, { what, for: phase, isOptional, verdict, why }: RightCheck): Diagnostic[] {
  if (verdict === 'allowed') return [];
  const isFatal = phase === 'plan' && !isOptional && verdict === 'refused';
  const use = isOptional ? 'plan checks less without it' : `${phase} needs it`;
  return [
    {
      severity: isFatal ? 'error' : 'warning',
      code: 'MP4009',
      address: `provider/${name}`,
      detail: `${what}: ${verdict === 'refused' ? 'refused' : 'not known whether it is allowed'}; ${use}: ${why}`,
      ...(verdict === 'refused' && {
        nextSteps: ['ask for the member role on the project, or for a policy that allows this call'],
      }),
    },
  ];
}

function summary(rights: readonly RightCheck[]): string {
  const may = (phase: RightCheck['for']): string => {
    const verdicts = rights.filter((right) => right.for === phase && !right.isOptional).map(({ verdict }) => verdict);
    if (verdicts.includes('refused')) return 'no';
    return verdicts.includes('unknown') ? 'not known' : 'yes';
  };
  return `plan: ${may('plan')}, seed and sync: ${may('apply')}, server at cutover: ${may('cutover')}`;
}
