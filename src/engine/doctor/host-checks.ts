import { type HostAnswer, hostAnswers } from '../../apply/look-at-hosts.js';
import type { SourceProvider } from '../../contracts/source-provider.js';
import type { TargetProvider } from '../../contracts/target-provider.js';
import type { Diagnostic } from '../../diag/diagnostic.js';
import type { Check } from './check.js';

/** All that was looked at on the conversion host of a cloud; nothing for a provider without one, or one that is not reached. */
export async function hostChecks(provider: SourceProvider | TargetProvider): Promise<Check[]> {
  const answers = await hostAnswers(provider).catch((): HostAnswer[] => []);
  return answers.map(({ provider: name, what, found, problem }) => ({
    name: `${name}: ${what}`,
    found,
    diagnostics: problem === undefined ? [] : [diagnosticOf(name, what, problem)],
  }));
}

const diagnosticOf = (
  name: string,
  what: string,
  { isFatal, detail, nextSteps }: NonNullable<HostAnswer['problem']>,
): Diagnostic => ({
  severity: isFatal ? 'error' : 'warning',
  code: 'MP8004',
  address: `provider/${name}`,
  detail: `${what}: ${detail}`,
  nextSteps,
});
