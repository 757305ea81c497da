import { type Diagnostic, DiagnosticsError } from '../../diag/diagnostic.js';
import type { RuntimeOptions } from '../../runtime.js';
import { type RunElsewhere, runsElsewhere } from './runs-elsewhere.js';

/** What other machines ran. */
export interface OtherRuns {
  /** The last one that was begun first. */
  readonly runs: readonly RunElsewhere[];
  /** Why they are not known: a warning. */
  readonly trouble?: Diagnostic;
}

/** Nobody else is asked, where the state is this machine's alone, or no project is here. What goes wrong is told in what it resolves with. */
export async function otherRuns(options: RuntimeOptions): Promise<OtherRuns> {
  try {
    return { runs: await runsInSharedState(options) };
  } catch (error) {
    if (!(error instanceof DiagnosticsError)) throw error;
    return { runs: [], trouble: notKnown(error) };
  }
}

async function runsInSharedState(options: RuntimeOptions): Promise<readonly RunElsewhere[]> {
  const { StateRuntime } = await import('./state-runtime.js');
  await using runtime = await StateRuntime.openForState(options);
  if (runtime === undefined || runtime.project.state.type === 'local') return [];
  return await runsElsewhere(await runtime.state());
}

/** What happened here can be looked at all the same. */
function notKnown({ diagnostics: [first] }: DiagnosticsError): Diagnostic {
  const { detail = '', nextSteps, source } = first ?? {};
  return {
    severity: 'warning',
    code: 'MP3039',
    detail: `what other machines ran cannot be told: ${detail}`,
    ...(nextSteps !== undefined && { nextSteps }),
    ...(source !== undefined && { source }),
  };
}
