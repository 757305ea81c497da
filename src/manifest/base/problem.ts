import type { DiagnosticCode } from '../../diag/catalog.js';
import type { Diagnostic } from '../../diag/diagnostic.js';
import type { SourceRange } from '../../diag/source-range.js';

export type Problem = Pick<Diagnostic, 'detail' | 'related' | 'nextSteps' | 'address'>;

/** An error in a file. */
export const problem = (code: DiagnosticCode, source: SourceRange | undefined, rest: Problem): Diagnostic => ({
  severity: 'error',
  code,
  ...(source && { source }),
  ...rest,
});

const shownMax = 60;
/** Characters of a value that are looked at for a login. */
const LOOKED_AT_MAX = 4096;

/** A value as a message shows it: `the text "yes"`. Passwords inside of URLs are masked. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return `${value}`;
  return `the text ${quoted(String(value))}`;
}

/** Of a URL with or without a scheme. A password may have a slash or an @ in it, so all up to the last @ of the word goes. */
const withoutLogin = (text: string): string =>
  text.replaceAll(
    /(\/\/)[^\s/:]*(?::\S*)?@|(?<!\S)[^\s/:]+:(?!\/\/)\S*@/g,
    (_, slashes: string | undefined) => `${slashes ?? ''}***@`,
  );

export function quoted(text: string): string {
  const masked = withoutLogin(text.slice(0, LOOKED_AT_MAX));
  return JSON.stringify(masked.length > shownMax ? `${masked.slice(0, shownMax)}…` : masked);
}

/** `a`, `a or b`, `a, b or c`. */
export const oneOf = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

/** `line 4`, with the file when it is another one than `here`. */
export const placeFrom = (here: SourceRange, there: SourceRange): string =>
  here.file === there.file ? `line ${there.start.line}` : `${there.file} line ${there.start.line}`;
