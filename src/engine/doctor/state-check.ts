import { plural } from '../../model/format.js';
import type { Runtime } from '../../runtime.js';
import type { Check } from './check.js';
import { checkRow } from './check-row.js';
import type { DoctorPhase } from './look-checks.js';

/** Whether a state that several machines see answers, and whether an apply could take its locks from here. Nothing is written. */
export async function stateChecks(runtime: Runtime, last: DoctorPhase): Promise<Check[]> {
  if (runtime.project.state.type === 'local') return [];
  return [
    await checkRow('state', async () => {
      const { backend } = await runtime.state();
      const locks = await backend.locks();
      const diagnostics = last === 'plan' ? [] : ((await backend.lacks?.()) ?? []);
      return { found: `${backend.place}: ${plural(locks.length, 'lock')}`, diagnostics };
    }),
  ];
}
