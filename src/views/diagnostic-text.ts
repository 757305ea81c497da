import { catalog } from '../diag/catalog.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import { printable } from '../diag/printable.js';
import type { SourceRange } from '../diag/source-range.js';
import type { Style } from './style.js';

const TITLE = { error: 'Error', warning: 'Warning' } as const;

/** Summary and code, where, what is true, what to do. Never wrapped: `file:line:column` must stay clickable. */
export function diagnosticText(diagnostic: Diagnostic, { danger, update, strong }: Style): string {
  const { severity, code, detail, lines: below = [], address, source, related, nextSteps = [] } = diagnostic;
  const title = severity === 'error' ? danger(TITLE.error) : update(TITLE.warning);
  const lines = [
    `${title}: ${strong(catalog[code])} [${code}]`,
    ...(address === undefined ? [] : [`  with ${printable(address)}`]),
    ...(source === undefined ? [] : [`  on ${placeText(source)}`]),
    ...[detail, ...below].map((line) => `  ${printable(line)}`),
    ...(related === undefined ? [] : [`  ${printable(related.detail)}: ${placeText(related.source)}`]),
    ...nextSteps.map((step) => `  - ${printable(step)}`),
  ];
  return `${lines.join('\n')}\n`;
}

export const placeText = ({ file, start }: SourceRange): string => `${printable(file)}:${start.line}:${start.column}`;
