import { DiagnosticsError } from '../diag/diagnostic.js';
import type { HostCheck, SourceProvider, TargetProvider } from '../providers/provider.js';
import type { ApplyContext } from './handler.js';

/**
 * Throws when a conversion host is not fit for its work, so that nobody finds out after the source was powered off. What can be
 * right by then passes.
 */
export async function requireHosts({ source, target, desired }: ApplyContext): Promise<void> {
  const checks = [...(await checksOf(source)), ...(await checksOf(target))];
  const diagnostics = checks.flatMap(({ provider, what, problem }) =>
    problem?.isFatal === true
      ? [
          {
            severity: 'error' as const,
            code: 'MP8004' as const,
            address: desired.address,
            detail: `${provider}: ${what}: ${problem.detail}; the VM was left running`,
            nextSteps: [...problem.nextSteps, 'then run the same plan again; migplan doctor tells the same without a plan'],
          },
        ]
      : [],
  );
  if (diagnostics.length > 0) throw new DiagnosticsError(diagnostics);
}

async function checksOf(provider: SourceProvider | TargetProvider): Promise<(HostCheck & { readonly provider: string })[]> {
  const checks = (await provider.checkHost?.()) ?? [];
  return checks.map((check) => ({ ...check, provider: provider.name }));
}
