import type { HostCheck } from '../contracts/provider.js';
import type { SourceProvider } from '../contracts/source-provider.js';
import type { TargetProvider } from '../contracts/target-provider.js';
import type { TargetProblem } from '../plan/core/target-problem.js';
import type { Look } from './looks.js';

/** Conversion hosts that are not fit for their work. What can be right by the time it is needed passes. */
export const lookAtHosts: Look = async ({ source, target, station }) => {
  const ask = station === 'plan' || station === 'doctor' ? hostAnswers : checksOf;
  const checks = (await Promise.all([source, target].map((one) => (one === undefined ? [] : ask(one))))).flat();
  return checks.flatMap(({ provider, what, problem }): TargetProblem[] =>
    problem?.isFatal === true
      ? [
          {
            code: 'MP8004',
            detail: `${provider}: ${what}: ${problem.detail}`,
            nextSteps: [...problem.nextSteps, 'then run the same plan again; migplan doctor tells the same without a plan'],
          },
        ]
      : [],
  );
};

/** With the provider that was asked. */
export type HostAnswer = HostCheck & { readonly provider: string };

const answers = new WeakMap<SourceProvider | TargetProvider, Promise<HostAnswer[]>>();

/** A plan of many VMs asks each provider once, and so does doctor. */
export function hostAnswers(provider: SourceProvider | TargetProvider): Promise<HostAnswer[]> {
  const answer = answers.get(provider) ?? checksOf(provider);
  answers.set(provider, answer);
  return answer;
}

async function checksOf(provider: SourceProvider | TargetProvider): Promise<HostAnswer[]> {
  const checks = (await provider.checkHost?.()) ?? [];
  return checks.map((check) => ({ ...check, provider: provider.name }));
}
