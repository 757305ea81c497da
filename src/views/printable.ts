import { printable, printableJson } from '../diag/printable.js';
import type { ViewOptions } from './view-options.js';

/** Every text in it made printable, at any depth. Errors and dates are left as they are. */
export const printableWords = <T>(value: T): T => wordsIn(value) as T;

function wordsIn(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map(wordsIn);
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [printable(key), wordsIn(part)]));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A view that is never told anything that is not printable: it need not think of where words come from. */
const withPrintableWords = <View extends object>(view: View): View =>
  new Proxy(view, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      return (...told: readonly unknown[]): unknown => Reflect.apply(member, target, told.map(wordsIn));
    },
  });

export interface Makers<View> {
  readonly human: (options: ViewOptions) => View;
  readonly json: (options: ViewOptions) => View;
}

/** The one way to a view: for people with printable words, for programs with the words as they are, in JSON that is printable. */
export function selectView<View extends object>(options: ViewOptions, { human, json }: Makers<View>): View {
  switch (options.format) {
    case 'human':
      return withPrintableWords(human(options));
    case 'json':
      return json(options);
  }
}

/** The one way from values to JSON on a stream. */
export const jsonText = (value: unknown, indent?: number): string => printableJson(JSON.stringify(value, null, indent));

/** What a bug threw, with its stack. Its message may quote anything. */
export function bugLines(bug: unknown): string {
  if (!(bug instanceof Error)) return printable(String(bug));
  const stack = bug.stack ?? bug.message;
  return stack
    .replace(bug.message, () => printable(bug.message))
    .split('\n')
    .map((line) => printable(line))
    .join('\n');
}
