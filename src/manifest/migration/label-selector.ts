import { own } from '../../model/own.js';
import { forms } from '../schema/forms.js';

type Labels = Readonly<Record<string, string>>;

/** One condition on one label. `in` with one value is what `=` means. */
type Requirement =
  | { readonly key: string; readonly operator: 'in' | 'notin'; readonly values: readonly string[] }
  | { readonly key: string; readonly operator: 'exists' | 'absent' };

/** All of its requirements have to be met. */
export type LabelSelector = readonly Requirement[];

export type SelectorParseResult = { readonly selector: LabelSelector } | { readonly wrong: string };

const KEY = new RegExp(forms.label.pattern);
const VALUE = new RegExp(forms.labelValue.pattern);
const OPERATORS = ['=', '==', '!=', 'in', 'notin'];

/** Thrown and caught in this file: what is wrong may be found at any depth. */
class Wrong extends Error {}

/**
 * Reads a selector as kubectl does: `wave=10`, `wave==10`, `wave!=10`, `wave in (10,20)`, `wave notin (10)`, `wave` (the label is there),
 * `!wave` (it is not), and several of them with commas, all of which have to be met.
 */
export function parseSelector(text: string): SelectorParseResult {
  const words = [...text.matchAll(/==|!=|[=!,()]|[^\s=!,()]+/g)].map(([word]) => word);
  try {
    const selector: Requirement[] = [];
    do selector.push(takeRequirement(words));
    while (words.length > 0 && expectWord(words, ',', 'a comma between two conditions'));
    return { selector };
  } catch (error) {
    if (error instanceof Wrong) return { wrong: error.message };
    throw error;
  }
}

function takeRequirement(words: string[]): Requirement {
  if (words[0] === '!') {
    words.shift();
    return { key: takeKey(words), operator: 'absent' };
  }
  const key = takeKey(words);
  if (words.length === 0 || words[0] === ',') return { key, operator: 'exists' };
  const operator = words.shift()!;
  if (!OPERATORS.includes(operator)) throw new Wrong(`${JSON.stringify(operator)} is none of ${OPERATORS.join(', ')}`);
  const isSet = operator === 'in' || operator === 'notin';
  const values = isSet ? takeValues(words) : [takeValue(words)];
  return { key, operator: operator === 'notin' || operator === '!=' ? 'notin' : 'in', values };
}

function takeKey(words: string[]): string {
  const key = words.shift();
  if (key === undefined || /^[=!,()]/.test(key)) throw new Wrong(`the name of a label is missing${before(key)}`);
  if (!KEY.test(key) || key.length > forms.label.maxLength) throw new Wrong(`${JSON.stringify(key)} is no name of a label`);
  return key;
}

/** Nothing is a value, too: a label may be empty. */
function takeValue(words: string[]): string {
  const isEmpty = words.length === 0 || words[0] === ',' || words[0] === ')';
  const value = isEmpty ? '' : words.shift()!;
  if (!VALUE.test(value) || value.length > forms.labelValue.maxLength)
    throw new Wrong(`${JSON.stringify(value)} is no value of a label`);
  return value;
}

function takeValues(words: string[]): string[] {
  expectWord(words, '(', 'a ( before the values');
  if (words[0] === ')') throw new Wrong('there is no value between ( and )');
  const values = [takeValue(words)];
  while (words[0] === ',') {
    words.shift();
    values.push(takeValue(words));
  }
  expectWord(words, ')', 'a ) after the values');
  return values;
}

function expectWord(words: string[], expected: string, what: string): true {
  const word = words.shift();
  if (word !== expected) throw new Wrong(`${what} is missing${before(word)}`);
  return true;
}

const before = (word: string | undefined): string => (word === undefined ? ' at the end' : ` before ${JSON.stringify(word)}`);

/** `!=` and `notin` are met by what has no such label, as in kubectl. */
export const selects = (selector: LabelSelector, labels: Labels): boolean =>
  selector.every((requirement) => isMet(requirement, own(labels, requirement.key)));

function isMet(requirement: Requirement, value: string | undefined): boolean {
  switch (requirement.operator) {
    case 'exists':
      return value !== undefined;
    case 'absent':
      return value === undefined;
    case 'in':
      return value !== undefined && requirement.values.includes(value);
    case 'notin':
      return value === undefined || !requirement.values.includes(value);
  }
}
