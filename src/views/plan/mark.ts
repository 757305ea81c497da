import type { Style } from '../style.js';

/** Terraform's symbols, and ours: `!` cannot be undone, `x` is blocked. */
export type Mark = '+' | '~' | '-' | '!' | 'x';

export const markMeanings: Readonly<Record<Mark, string>> = {
  '+': 'create',
  '~': 'update in-place',
  '-': 'remove',
  '!': 'cannot be undone',
  x: 'blocked',
};

export const markStyle = (mark: Mark | ' ', paint: Style): ((text: string) => string) => {
  switch (mark) {
    case '+':
      return paint.create;
    case '!':
      return paint.danger;
    case 'x':
      return paint.blocked;
    case ' ':
      return (text) => text;
    default:
      return paint.update;
  }
};

/** One line of a block: a mark, a name and what stands behind the equals sign. */
export interface Attribute {
  readonly mark: Mark | ' ';
  readonly name: string;
  readonly value: string;
}
