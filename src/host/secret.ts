import { inspect } from 'node:util';
import { secretForms, standingForms } from './secret-forms.js';

/**
 * Shorter ones may be words that stand everywhere, in our own output and its JSON too: they are struck only from what others say, and
 * where they stand as words.
 */
const STRUCK_LENGTH_MIN = 6;
const HIDDEN = '***';

/** Forms of every secret that this process has held, tokens and session cookies included. */
const known = new Map<string, readonly string[]>();
/** The short ones. */
const words = new Map<string, RegExp>();

/** A value that must not be printed. Every way of turning it into text gives `***`; reveal() is the one door. */
export class Secret {
  readonly #value: string;
  /** `name`: what is kept from people all the same, such as a user; a short one is no secret where a remote says it. */
  constructor(value: string, kind: 'secret' | 'name' = 'secret') {
    this.#value = value;
    if (value.length >= STRUCK_LENGTH_MIN) {
      for (const part of [value, ...linesOf(value)]) if (!known.has(part)) known.set(part, secretForms(part));
    } else if (value !== '' && kind === 'secret') words.set(value, standingAlone(standingForms(value)));
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

/** Of a key, which programs say line by line; what stands around every key is no secret. */
const linesOf = (value: string): readonly string[] =>
  value.includes('\n')
    ? value.split(/\r?\n/).filter((line) => line.length >= STRUCK_LENGTH_MIN && !line.startsWith('-----'))
    : [];

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

/** The same for what a remote said itself: short secrets go as well, where they are no part of a longer word. */
export function withoutShortSecrets(said: string): string {
  let clean = withoutSecrets(said);
  for (const word of words.values()) clean = clean.replaceAll(word, HIDDEN);
  return clean;
}

/** The same for what a program says: those that it was given go however short they are. */
export function withoutGiven(text: string, given: readonly Secret[]): string {
  const values = given.map((secret) => secret.reveal()).filter((value) => value !== '');
  return values.reduce((clean, value) => clean.replaceAll(value, HIDDEN), withoutSecrets(text));
}

const standingAlone = (forms: readonly string[]): RegExp =>
  new RegExp(
    `(?<![\\p{L}\\p{N}_])(?:${forms.map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|')})(?![\\p{L}\\p{N}_])`,
    'gu',
  );

/** Characters of the longest form: what a cut text must keep in front, so that no half of a secret stays unseen. */
export const longestSecretForm = (): number =>
  Math.max(0, ...[...known.values()].flatMap((forms) => forms.map(({ length }) => length)));
