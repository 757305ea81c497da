import type { Style } from '../style.js';

/** Terraform's symbols, and ours: `!` cannot be undone, `x` is blocked. */
export type ChangeSymbol = '+' | '~' | '-' | '!' | 'x';

export const symbolMeanings: Readonly<Record<ChangeSymbol, string>> = {
  '+': 'create',
  '~': 'update in-place',
  '-': 'remove',
  '!': 'cannot be undone',
  x: 'blocked',
};

export const symbolStyle = (symbol: ChangeSymbol | ' ', paint: Style): ((text: string) => string) => {
  switch (symbol) {
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

/** One line of a block: a symbol, a name and what stands behind the equals sign. */
export interface Attribute {
  readonly symbol: ChangeSymbol | ' ';
  readonly name: string;
  readonly value: string;
}
