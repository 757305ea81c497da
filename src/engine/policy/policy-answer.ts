import { repeatedKey } from '../../model/json-keys.js';

/** What a policy command answers. */
export interface Answer {
  readonly violations: readonly { readonly rule: string; readonly message: string; readonly address?: string }[];
}

const VIOLATIONS_MAX = 1000;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The answer, or in words what is wrong with it. Whatever is not understood is no consent. */
export function decodeAnswer(text: string): Answer | string {
  if (text.trim() === '') return 'it is empty';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  const twice = repeatedKey(text);
  if (twice !== undefined) return `it says "${twice}" twice`;
  if (!isFields(value) || !Array.isArray(value['violations'])) return 'it has no list "violations"';
  const other = Object.keys(value).find((name) => name !== 'violations');
  if (other !== undefined) return `it has a field "${other}"`;
  const { violations } = value;
  if (violations.length > VIOLATIONS_MAX) return `it has ${violations.length} violations, and ${VIOLATIONS_MAX} are the most`;
  const odd = violations.findIndex((one) => !isViolation(one));
  return odd < 0
    ? (value as unknown as Answer)
    : `violations[${odd}] has to have "rule" and "message", texts, and may have "address"`;
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

const isViolation = (value: unknown): boolean =>
  isFields(value) &&
  isText(value['rule']) &&
  isText(value['message']) &&
  (value['address'] === undefined || isText(value['address'])) &&
  Object.keys(value).every((name) => ['rule', 'message', 'address'].includes(name));
