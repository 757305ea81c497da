import type { ProviderType } from '../../model/provider-types.js';
import type { Runtime } from '../../runtime.js';
import type { Check } from './check.js';
import { providersOf } from './providers-of.js';
import { rightsChecks } from './rights-checks.js';
import { vcenterChecks } from './vcenter-checks.js';

/**
 * What the account of each provider of this type may do, or of the named one; changes nothing. DiagnosticsError when the Project
 * has none of the name, or cannot be read.
 */
export async function accountChecks(
  open: () => Promise<Runtime>,
  type: ProviderType,
  provider: string | undefined,
): Promise<Check[]> {
  await using runtime = await open();
  const look = type === 'vmware' ? vcenterChecks : rightsChecks;
  const checks: Check[] = [];
  for (const name of providersOf(runtime, type, provider)) checks.push(...(await look(runtime, name)));
  return checks;
}
