import { DiagnosticsError } from '../diag/diagnostic.js';
import { forms, parseDuration } from '../manifest/schema/forms.js';

/** Milliseconds of an option in the form that durations have in files: `8h`, `1h30m`. Throws DiagnosticsError MP1018. */
export function durationMs(flag: string, text: string): number {
  if (new RegExp(forms.duration.pattern).test(text)) return parseDuration(text) * 1000;
  throw new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP1018',
      detail: `--${flag} is ${JSON.stringify(text)}, which is no duration`,
      nextSteps: [`write for example: --${flag} 8h`],
    },
  ]);
}
