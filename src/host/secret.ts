import { inspect } from 'node:util';
import { secretForms } from './secret-forms.js';

/** Shorter ones are words that stand everywhere: striking them would ruin what is said, and they hide nothing. */
const STRUCK_LENGTH_MIN = 6;
const HIDDEN = '***';

/** Forms of every secret that this process has held, tokens and session cookies included. */
const known = new Map<string, readonly string[]>();

/** A value that must not be printed. Every way of turning it into text gives `***`; reveal() is the one door. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
    if (value.length >= STRUCK_LENGTH_MIN && !known.has(value)) known.set(value, secretForms(value));
  }
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return HIDDEN;
  }
  toJSON(): string {
    return HIDDEN;
  }
  [inspect.custom](): string {
    return HIDDEN;
  }
}

/**
 * The one function between what others say and anything that keeps or shows it: strikes every secret of this process, also
 * where it is escaped for XML, JSON or URLs, or stands in base64.
 */
export function withoutSecrets(text: string): string {
  let clean = text;
  for (const forms of known.values()) {
    for (const form of forms) if (clean.includes(form)) clean = clean.replaceAll(form, HIDDEN);
  }
  return clean;
}

/** Characters of the longest form: what a cut text must keep in front, so that no half of a secret stays unseen. */
export const longestSecretForm = (): number =>
  Math.max(0, ...[...known.values()].flatMap((forms) => forms.map(({ length }) => length)));
