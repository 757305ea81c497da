import { errorDiagnostics } from '../apply/error-diagnostics.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import { own } from '../model/own.js';
import type { HostCheck } from '../providers/provider.js';
import type { Runtime } from '../runtime.js';
import type { Check } from '../views/doctor/view.js';

/** The conversion host of a cloud whose volumes are reached through one; nothing for the others. */
export async function hostChecks(runtime: Runtime, name: string): Promise<Check[]> {
  const access = own(runtime.project.providers, name);
  if (access?.type !== 'openstack' || access.access.type !== 'nova') return [];
  const whole = `${name}: conversion host`;
  try {
    const target = await runtime.cloud(name);
    const checks = (await target?.checkHost?.()) ?? [];
    return checks.map((check) => rowOf(name, check));
  } catch (error) {
    const diagnostics = errorDiagnostics(error, `provider/${name}`);
    if (diagnostics === undefined) throw error;
    return [{ name: whole, found: '', diagnostics }];
  }
}

const rowOf = (name: string, { what, found, problem }: HostCheck): Check => ({
  name: `${name}: ${what}`,
  found,
  diagnostics: problem === undefined ? [] : [diagnosticOf(name, what, problem)],
});

const diagnosticOf = (
  name: string,
  what: string,
  { isFatal, detail, nextSteps }: NonNullable<HostCheck['problem']>,
): Diagnostic => ({
  severity: isFatal ? 'error' : 'warning',
  code: 'MP8004',
  address: `provider/${name}`,
  detail: `${what}: ${detail}`,
  nextSteps,
});
