import type { Diagnostic } from '../../diag/diagnostic.js';

/** A notification was not delivered: a warning, and what to do. */
export const undelivered = (
  detail: string,
  { lines, nextSteps, source }: Pick<Diagnostic, 'lines' | 'nextSteps' | 'source'> = {},
): Diagnostic => ({
  severity: 'warning',
  code: 'MP8020',
  detail: `${detail}; how the apply ended stays as it is`,
  ...(lines !== undefined && lines.length > 0 && { lines }),
  ...(nextSteps !== undefined && { nextSteps }),
  ...(source !== undefined && { source }),
});
